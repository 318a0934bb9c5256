"""What Twilio says about a request before it looks at its meaning."""

import base64
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.twilio_fake.state import Fault, State

SPEC = json.loads(
    (Path(__file__).parents[1] / "payloads" / "twilio_messages_openapi.json").read_text()
)
CREATE = SPEC["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
SCHEMA = CREATE["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
OPENAPI = Draft7Validator({**SCHEMA, "components": SPEC["components"]})

_TEXT = {"type": "string", "minLength": 1}
_ACTION = {
    "type": "object",
    "properties": {
        "type": {"const": "QUICK_REPLY"},
        "title": _TEXT | {"maxLength": 20},
        "id": _TEXT | {"maxLength": 200},
    },
    "required": ["type", "title", "id"],
    "additionalProperties": False,
}
_ITEM = {
    "type": "object",
    "properties": {
        "item": _TEXT | {"maxLength": 24},
        "id": _TEXT | {"maxLength": 200},
        "description": _TEXT | {"maxLength": 72},
    },
    "required": ["item", "id"],
    "additionalProperties": False,
}
_BODY = _TEXT | {"maxLength": 1024}
_QUICK_REPLY = {
    "type": "object",
    "properties": {
        "body": _BODY,
        "actions": {"type": "array", "items": _ACTION, "minItems": 1, "maxItems": 10},
    },
    "required": ["body", "actions"],
    "additionalProperties": False,
}
_LIST_PICKER = {
    "type": "object",
    "properties": {
        "body": _BODY,
        "button": _TEXT | {"maxLength": 20},
        "items": {"type": "array", "items": _ITEM, "minItems": 1, "maxItems": 10},
    },
    "required": ["body", "button", "items"],
    "additionalProperties": False,
}
_PLAIN = {
    "type": "object",
    "properties": {"body": _TEXT | {"maxLength": 1600}},
    "required": ["body"],
    "additionalProperties": False,
}
TYPES = {
    "type": "object",
    "properties": {
        "twilio/quick-reply": _QUICK_REPLY,
        "twilio/list-picker": _LIST_PICKER,
        "twilio/text": _PLAIN,
    },
    "minProperties": 1,
    "additionalProperties": False,
}
TYPES_JUDGE = Draft7Validator(TYPES)
CONTENT_JUDGE = Draft7Validator(
    {
        "type": "object",
        "properties": {
            "friendly_name": {"type": "string"},
            "language": {"type": "string", "pattern": "^[a-z]{2}(_[A-Z]{2})?$"},
            "variables": {
                "type": "object",
                "maxProperties": 100,
                "propertyNames": {"pattern": r"^\w{1,16}$"},
                "additionalProperties": {"type": "string", "minLength": 1},
            },
            "types": TYPES,
        },
        "required": ["language", "types"],
        "additionalProperties": False,
    }
)


def complaints(judge: Draft7Validator, value: Any) -> str:
    """What is wrong, in one line; empty when nothing is."""
    return "; ".join(error.message for error in judge.iter_errors(value))[:300]


def params(form: FormData) -> dict[str, Any]:
    """A form as the OpenAPI describes it: arrays where it says so."""
    arrays = {name for name, of in SCHEMA["properties"].items() if of.get("type") == "array"}
    return {name: form.getlist(name) if name in arrays else form[name] for name in form}


def refuse(status: int, code: int, message: str) -> JSONResponse:
    """An error in the shape of Twilio's."""
    link = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": link, "status": status}
    return JSONResponse(body, status)


def broken(fault: Fault) -> Response:
    """The answer that a fault gives."""
    if fault.html:
        return Response("<html>Bad gateway</html>", fault.status, media_type="text/html")
    return refuse(fault.status, fault.code, "Told to fail")


def authorised(request: Request, state: State) -> bool:
    """Whether the account's own credentials were sent."""
    wanted = base64.b64encode(f"{state.account}:{state.token}".encode()).decode()
    return request.headers.get("authorization") == f"Basic {wanted}"
