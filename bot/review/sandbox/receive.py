"""The sandbox's side of the contract: documents and cases in, events out."""

import json
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.review.sandbox.desk import Desk
from bot.review.sandbox.store import NUMBER, SHA256, Kept, Unacceptable
from bot.review.validity import problems

MAX_BUNDLE = 8 * 1024 * 1024


async def document(request: Request) -> Response:
    """HEAD: is it here? PUT: take it, if it is what its address says."""
    desk, name = _desk(request), request.path_params["sha256"]
    if not SHA256.fullmatch(name):
        return refused("not-a-sha-256", status=404)
    if request.method == "HEAD":
        return Response(status_code=200 if desk.store.document(name) else 404)
    if desk.store.document(name):
        return Response(status_code=200)
    try:
        await desk.store.receive(name, request.stream())
    except Unacceptable as error:
        return refused(error.reason, status=error.status)
    return Response(status_code=201)


async def fhir(request: Request) -> Response:
    """Take a case; the same key again gets the same answer and makes nothing."""
    desk, key = _desk(request), request.headers.get("Idempotency-Key", "")
    if not key:
        return refused("no-idempotency-key", status=400)
    bundle = await _json(request, MAX_BUNDLE)
    if not isinstance(bundle, dict):
        return refused("not-json", status=400)
    async with desk.lock:
        known = desk.store.by_key(key) or desk.store.case(number_of(bundle))
        if known and known.key == key:
            return JSONResponse(known.answer)
        wrong = await run_in_threadpool(_wrong, desk, bundle)
        if wrong:
            return refused(*wrong[:20], status=422)
        if known:
            return refused("case-number-taken", status=409)
        return JSONResponse(_keep(desk, key, bundle).answer)


async def told(request: Request) -> Response:
    """Note what Saathi tells about a case: a document came later, a slot was chosen."""
    desk, body = _desk(request), await _json(request, 65_536)
    case = desk.store.case(str(body.get("case"))) if isinstance(body, dict) else None
    if case is None or not isinstance(body.get("detail"), dict):
        return refused("unknown-case", status=404)
    note = {"key": request.headers.get("Idempotency-Key", ""), "what": str(body.get("what"))[:40]}
    if note["key"] and any(one["key"] == note["key"] for one in case.told):
        return Response(status_code=200)
    detail = {str(name)[:40]: str(value)[:500] for name, value in body["detail"].items()}
    case.told.append({**note, "at": _now(desk), "detail": detail})
    if note["what"] == "slot":
        case.chosen = detail.get("slot", "")
    desk.store.keep(case)
    return Response(status_code=200)


async def events(request: Request) -> Response:
    """What happened since a cursor, for those who poll."""
    since = request.query_params.get("since", "0")
    after = int(since) if since.isdecimal() and len(since) < 12 else 0
    found = list(_desk(request).store.events(after))[:100]
    cursor = str(found[-1][0]) if found else str(after)
    return JSONResponse({"events": [event for _, event in found], "cursor": cursor})


def number_of(bundle: dict[str, Any]) -> str:
    """The case number of a bundle; empty where it has none that we could use."""
    entries = bundle.get("entry") or ()
    for resource in (one.get("resource") for one in entries if isinstance(one, dict)):
        if isinstance(resource, dict) and resource.get("resourceType") == "Task":
            value = str((resource.get("groupIdentifier") or {}).get("value", ""))
            return value if NUMBER.fullmatch(value) else ""
    return ""


def refused(*reasons: str, status: int) -> Response:
    """An OperationOutcome that names the faults, never the values."""
    issues = [{"severity": "error", "code": "invalid", "diagnostics": one} for one in reasons]
    return JSONResponse({"resourceType": "OperationOutcome", "issue": issues}, status_code=status)


def _wrong(desk: Desk, bundle: dict[str, Any]) -> list[str]:
    if found := problems(bundle):
        return found
    if bundle.get("type") != "transaction" or not number_of(bundle):
        return ["not a transaction with a case number"]
    papers = [one["resource"] for one in bundle["entry"]]
    papers = [one for one in papers if one["resourceType"] == "DocumentReference"]
    return [fault for paper in papers for fault in _paper_faults(desk, paper)]


def _paper_faults(desk: Desk, paper: dict[str, Any]) -> list[str]:
    attachment = paper["content"][0]["attachment"]
    name = str(attachment.get("url", "")).rpartition("/")[2]
    path = desk.store.document(name)
    if path is None:
        return ["document-missing"]
    if path.stat().st_size != attachment.get("size"):
        return ["document-size"]
    told = [one.get("valueString") for one in attachment.get("extension", ())]
    return [] if name in told else ["document-hash"]


def _keep(desk: Desk, key: str, bundle: dict[str, Any]) -> Kept:
    made = [
        {"response": {"status": "201 Created", "location": _location(one)}}
        for one in bundle["entry"]
    ]
    answer = {"resourceType": "Bundle", "type": "transaction-response", "entry": made}
    case = Kept(number_of(bundle), key, _now(desk), bundle, answer)
    case.history.append({"at": _now(desk), "what": "Case received"})
    desk.store.keep(case)
    return case


def _location(entry: dict[str, Any]) -> str:
    return f"{entry['resource']['resourceType']}/{entry['fullUrl'].rpartition(':')[2]}/_history/1"


async def _json(request: Request, largest: int) -> Any:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _now(desk: Desk) -> str:
    moment: datetime = desk.now()
    return moment.isoformat(timespec="seconds")
