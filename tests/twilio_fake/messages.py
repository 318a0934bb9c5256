"""The Messages API."""

import asyncio
import re
import time
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.twilio_fake import content, webhooks
from tests.twilio_fake.judge import OPENAPI, authorised, broken, complaints, params, refuse
from tests.twilio_fake.state import State, dated

ADDRESS = re.compile(r"whatsapp:(\+[1-9]\d{6,14}|[A-Z]{2}\.\w{1,128})")
Refusal = tuple[int, int, str]


async def create(request: Request) -> Response:
    """POST /2010-04-01/Accounts/{account}/Messages.json."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    wanted = request.scope["call"]["form"] = params(await request.form())
    fault = state.fault("messages")
    if fault and fault.status:
        return broken(fault)
    if refusal := _wrong(state, wanted):
        return refuse(*refusal)
    made = _keep(state, wanted)
    webhooks.later(state, webhooks.report(state, made))
    if fault:
        await asyncio.sleep(fault.delay)
    return JSONResponse(shown(made), 201)


def _wrong(state: State, wanted: dict[str, Any]) -> Refusal | None:
    if wrong := complaints(OPENAPI, wanted):
        return 400, 21601, wrong
    return _wrong_address(state, wanted) or _wrong_words(wanted) or _wrong_content(state, wanted)


def _wrong_address(state: State, wanted: dict[str, Any]) -> Refusal | None:
    to = wanted["To"]
    if not ADDRESS.fullmatch(to):
        return 400, 21211, f"Invalid 'To' Phone Number: {to}"
    if wanted.get("From") != state.sender:
        return 400, 21606, "The 'From' is not a sender of this account"
    if to in state.opted_out:
        return 400, 21610, f"Attempt to send to unsubscribed recipient {to}"
    if (back := wanted.get("StatusCallback")) and not _absolute(back):
        return 400, 21609, "The 'StatusCallback' URL is not a valid URL"
    if any(not _absolute(link) for link in wanted.get("MediaUrl", [])):
        return 400, 21620, "Invalid media URL"
    return None


def _absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname == "127.0.0.1"


def _wrong_words(wanted: dict[str, Any]) -> Refusal | None:
    if not (wanted.get("Body") or wanted.get("MediaUrl") or wanted.get("ContentSid")):
        return 400, 21619, "A text message body or media urls must be specified"
    if len(wanted.get("Body", "")) > 1600:
        return 400, 21617, "The message body exceeds the 1600 character limit"
    if len(wanted.get("MediaUrl", [])) > 1:
        return 400, 21623, "Only one file per WhatsApp message"
    if "ContentVariables" in wanted and "ContentSid" not in wanted:
        return 400, 21654, "ContentSid Required"
    if "ContentVariables" in wanted and "Body" in wanted:
        return 400, 35127, "Body and ContentVariables cannot be provided together"
    return None


def _wrong_content(state: State, wanted: dict[str, Any]) -> Refusal | None:
    if not (sid := wanted.get("ContentSid")):
        return None
    if sid not in state.contents:
        return 404, 20404, f"The requested resource {sid} was not found"
    types, wrong = content.fill(state.contents[sid], wanted.get("ContentVariables", "{}"))
    wanted["rendered"] = types
    return (400, 21656, f"The ContentVariables Parameter is invalid: {wrong}") if wrong else None


def _keep(state: State, wanted: dict[str, Any]) -> dict[str, Any]:
    sid = state.sid("MM" if wanted.get("MediaUrl") else "SM")
    state.messages[sid] = {
        "sid": sid,
        "account_sid": state.account,
        "to": wanted["To"],
        "from": wanted["From"],
        "body": wanted.get("Body", ""),
        "status": "queued",
        "direction": "outbound-api",
        "num_media": str(len(wanted.get("MediaUrl", []))),
        "error_code": None,
        "date_created": dated(time.time()),
        "wanted": wanted,
    }
    return state.messages[sid]


def shown(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the API shows it."""
    return {name: value for name, value in message.items() if name != "wanted"}


async def fetch(request: Request) -> Response:
    """GET /2010-04-01/Accounts/{account}/Messages/{sid}.json."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    found = state.messages.get(request.path_params["sid"])
    return JSONResponse(shown(found)) if found else refuse(404, 20404, "Not found")
