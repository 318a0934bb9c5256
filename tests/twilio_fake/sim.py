"""The handles for tests: play a person, break things, look at what was done."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.twilio_fake import inbound, webhooks
from tests.twilio_fake.state import Fault, State


async def reset(request: Request) -> Response:
    """Forget everything; the settings given replace the defaults."""
    old: State = request.app.state.fake
    settings = await request.json()
    request.app.state.fake = State(old.account, old.token, base=old.base, **settings)
    return JSONResponse({})


async def write(request: Request) -> Response:
    """A person writes: one signed webhook, several times the same, or (times 0) a lost one."""
    state: State = request.app.state.fake
    told = await request.json()
    form = inbound.fields(state, told)
    state.inbound.append(inbound.listed(state, form, told.get("ago", 0.0)))
    url = state.public_url + told.get("path", "/whatsapp")
    answers = [await webhooks.post(state, url, form) for _ in range(told.get("times", 1))]
    return JSONResponse({**(answers or [{}])[-1], "sid": form["MessageSid"]})


async def fault(request: Request) -> Response:
    """Something will go wrong."""
    request.app.state.fake.faults.append(Fault(**await request.json()))
    return JSONResponse({})


async def person(request: Request) -> Response:
    """Change what Twilio knows of a person."""
    state: State = request.app.state.fake
    told = await request.json()
    actions: dict[str, Any] = {
        "open": lambda to: state.heard.__setitem__(to, 2**40),
        "close": lambda to: state.heard.pop(to, None),
        "unreachable": state.unreachable.add,
        "opt_out": state.opted_out.add,
    }
    actions[told["what"]](told["to"])
    return JSONResponse({})


async def content(request: Request) -> Response:
    """An approved template, or one that is lost again."""
    state: State = request.app.state.fake
    told = await request.json()
    if told.get("lost"):
        state.contents.clear()
        return JSONResponse({})
    sid = state.sid("HX")
    types = {"twilio/text": {"body": told["body"]}}
    made = {"sid": sid, "language": "en", "types": types, "variables": told["variables"]}
    state.contents[sid] = {**made, "account_sid": state.account, "approved": True}
    return JSONResponse({"sid": sid})


async def look(request: Request) -> Response:
    """All that happened."""
    state: State = request.app.state.fake
    return JSONResponse(
        {
            "messages": list(state.messages.values()),
            "contents": list(state.contents.values()),
            "calls": state.calls,
            "webhooks": state.webhooks,
            "files": list(state.files),
        }
    )
