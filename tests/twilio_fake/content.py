"""The Content API: shapes are made once and filled at each send."""

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.twilio_fake.judge import (
    CONTENT_JUDGE,
    TYPES_JUDGE,
    authorised,
    broken,
    complaints,
    refuse,
)
from tests.twilio_fake.state import State

PLACEHOLDER = re.compile(r"\{\{(\w*)\}\}")
UNWANTED = re.compile(r"[\n\r\t]| {5}")
LONGEST = 1600


async def create(request: Request) -> Response:
    """POST /v1/Content."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    if fault := state.fault("content"):
        return broken(fault)
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        return refuse(415, 20415, "Content-Type must be application/json")
    wanted = request.scope["call"]["json"] = await request.json()
    if wrong := complaints(CONTENT_JUDGE, wanted) or _unsampled(wanted):
        return refuse(400, 20001, wrong)
    sid = state.sid("HX")
    state.contents[sid] = {"sid": sid, "account_sid": state.account, "approved": False, **wanted}
    return JSONResponse(_shown(state.contents[sid]), 201)


async def fetch(request: Request) -> Response:
    """GET /v1/Content/{sid}."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    found = state.contents.get(request.path_params["sid"])
    return JSONResponse(_shown(found)) if found else refuse(404, 20404, "Not found")


def _shown(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "approved"}


def _unsampled(content: dict[str, Any]) -> str:
    missing = placeholders(content) - set(content.get("variables", {}))
    return f"Variables without a sample: {sorted(missing)}" if missing else ""


def placeholders(content: dict[str, Any]) -> set[str]:
    """The variables that a content has."""
    return set(PLACEHOLDER.findall(json.dumps(content["types"])))


def fill(content: dict[str, Any], variables: str) -> tuple[dict[str, Any], str]:
    """The content with its variables filled in, and what is wrong with them."""
    values = _values(variables)
    if values is None or set(values) != placeholders(content):
        return {}, "variables do not match"
    if any(not v.strip() or len(v) > LONGEST or UNWANTED.search(v) for v in values.values()):
        return {}, "a value is empty, too long or has line breaks"
    types = _filled(content["types"], values)
    return types, complaints(TYPES_JUDGE, types) or _too_many(content, types)


def _values(variables: str) -> dict[str, str] | None:
    try:
        values = json.loads(variables)
    except ValueError:
        return None
    good = isinstance(values, dict) and all(isinstance(v, str) for v in values.values())
    return values if good else None


def _filled(node: Any, values: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(part, values) for name, part in node.items()}
    if isinstance(node, list):
        return [_filled(part, values) for part in node]
    return PLACEHOLDER.sub(lambda found: values[found[1]], node)


def _too_many(content: dict[str, Any], types: dict[str, Any]) -> str:
    actions = types.get("twilio/quick-reply", {}).get("actions", [])
    unapproved = len(actions) > 3 and not content["approved"]
    return "more than three buttons need an approved template" if unapproved else ""
