"""The lists of the API: what people wrote, and the files of one message."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.twilio_fake.judge import authorised, broken, refuse
from tests.twilio_fake.messages import shown
from tests.twilio_fake.state import State

FILTERS = {"To", "From", "DateSent", "DateSent<", "DateSent>", "Page", "PageSize", "PageToken"}


async def messages(request: Request) -> Response:
    """GET …/Messages.json: the newest first, in pages; both directions, as the real one."""
    state: State = request.app.state.fake
    asked = request.query_params
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    if fault := state.fault("list"):
        return broken(fault)
    size, page = int(asked.get("PageSize", "50")), int(asked.get("Page", "0"))
    if set(asked) - FILTERS or not 1 <= size <= 1000:
        return refuse(400, 20001, "Invalid parameter")
    found = [one for one in _newest_first(state) if _wanted(one, asked)]
    here = found[page * size : (page + 1) * size]
    following = request.url.include_query_params(Page=page + 1)
    more = f"{following.path}?{following.query}" if len(found) > (page + 1) * size else None
    return JSONResponse(
        {"messages": here, "page": page, "page_size": size, "next_page_uri": more, "start": 0}
    )


async def media(request: Request) -> Response:
    """GET …/Messages/{sid}/Media.json."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    sid = request.path_params["sid"]
    path = f"/2010-04-01/Accounts/{state.account}/Messages/{sid}/Media/"
    files = [
        {"sid": name, "parent_sid": sid, "content_type": file.mime, "uri": f"{path}{name}.json"}
        for name, file in state.files.items()
        if file.message == sid
    ]
    return JSONResponse({"media_list": files, "page": 0, "page_size": 50, "next_page_uri": None})


def _newest_first(state: State) -> list[dict[str, Any]]:
    ours = state.messages.values()
    sent = [{**shown(one), "date_sent": one["date_created"]} for one in ours]
    return sorted((*sent, *state.inbound), key=_at, reverse=True)


def _wanted(one: dict[str, Any], asked: Any) -> bool:
    for name in ("To", "From"):
        if name in asked and one[name.lower()] != asked[name]:
            return False
    limits = {name: datetime.fromisoformat(asked[name]) for name in asked if "DateSent" in name}
    if "DateSent>" in limits and _at(one) < limits["DateSent>"]:
        return False
    return not ("DateSent<" in limits and _at(one) > limits["DateSent<"])


def _at(one: dict[str, Any]) -> datetime:
    return parsedate_to_datetime(one["date_sent"])
