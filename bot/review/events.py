"""What a review backend tells us: read its events, and hand each to the conversation."""

import base64
import binascii
import json
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from bot.channels import Refused
from bot.review import terms
from bot.review.opinion_text import summary_of
from bot.review.signature import sign, verify

__all__ = ["Event", "File", "parse", "sign", "to_news", "verify"]

from flows.messages import Address, CaseNews

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
LONGEST = 4000
# What a Task's own status means where the backend sends no business status.
TASK_STATUSES = {
    "requested": "received",
    "received": "received",
    "accepted": "being_checked",
    "on-hold": "documents_missing",
    "in-progress": "with_panel",
    "completed": "opinion_ready",
    "cancelled": "closed",
    "rejected": "closed",
    "failed": "closed",
}
# A person writes first when one of these comes; the bot never announces a refusal.
REFUSALS = ("cancelled", "rejected", "failed")


@dataclass(frozen=True)
class File:
    """A file that came with an event: its bytes, or the backend's address of it."""

    mime: str
    data: bytes = b""
    url: str = ""


@dataclass(frozen=True)
class Event:
    """One event, read. `case` is the number; `detail` is what `CaseNews` carries.

    `unknown` is the code of a status or type that we do not know: no news then.
    """

    id: str
    case: str
    type: str
    detail: dict[str, str] = field(default_factory=dict)
    file: File | None = None
    unknown: str = ""


def parse(body: bytes, seen: Collection[str] = ()) -> list[Event]:
    """The events of a verified body but those seen before; Refused(400) when malformed."""
    try:
        told = json.loads(body)
        events = [_event(one) for one in told["events"]]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refused("not the events that were agreed on", 400) from None
    return [one for one in events if one.id not in seen]


def to_news(
    event: Event, address: Address, case_id: str, document_hash: str = ""
) -> CaseNews | None:
    """The update for the conversation; None when there is nothing that we may say.

    `document_hash` is the hex SHA-256 of the opinion, once it is kept with us.
    """
    if event.unknown:
        log.warning("unknown review code", extra={"code": event.unknown})
        return None
    detail = dict(event.detail)
    if event.type == "opinion":
        detail["document"] = document_hash
    return CaseNews(f"review.{event.id}", address, case_id, event.type, detail)


def _event(told: dict[str, Any]) -> Event:
    event_id, case, kind = _name(told["id"]), _name(told["case"]), str(told["type"])
    # A kind from the future is passed over; it must not hold up the others.
    read = READERS.get(kind)
    return read(event_id, case, told) if read else Event(event_id, case, "", unknown=_code(kind))


def _status(id: str, case: str, told: dict[str, Any]) -> Event:
    task = told.get("task") or {}
    business = (task.get("businessStatus") or {}).get("coding") or [{}]
    code = str(told.get("status") or business[0].get("code") or "")
    plain = str(task.get("status") or "")
    status = code if code else TASK_STATUSES.get(plain, plain)
    if status not in terms.statuses():
        return Event(id, case, "status", unknown=_code(status))
    refused = {"refused": plain} if plain in REFUSALS else {}
    return Event(id, case, "status", {"status": status} | refused)


def _missing(id: str, case: str, told: dict[str, Any]) -> Event:
    asked = str(told["document"])
    document = asked if asked in terms.words("papers") else "other_document"
    note = _words(told.get("note", ""))
    return Event(id, case, "missing", {"document": document, "note": note})


def _slot(id: str, case: str, told: dict[str, Any]) -> Event:
    detail = {name: _words(told[name], 64) for name in ("slot", "start", "end")}
    return Event(id, case, "slot", detail)


def _talk(id: str, case: str, told: dict[str, Any]) -> Event:
    appointment = told.get("appointment") or {}
    start = told.get("start") or appointment["start"]
    link = str(told.get("link", ""))
    # Only a web address is shown to a family as a link.
    safe = link if re.fullmatch(r"https://[^\s<>\"']{1,500}", link) else ""
    return Event(id, case, "talk", {"start": _words(start, 64), "link": safe})


def _opinion(id: str, case: str, told: dict[str, Any]) -> Event:
    resources = [one["resource"] for one in told["bundle"]["entry"]]
    report = _first(resources, "DiagnosticReport")
    title = _words((report.get("presentedForm") or [{}])[0].get("title") or "Second opinion", 200)
    summary = summary_of(_first(resources, "Composition"))[:LONGEST]
    return Event(
        id, case, "opinion", {"title": title, "summary": summary}, _file(report, resources)
    )


def _file(report: dict[str, Any], resources: list[dict[str, Any]]) -> File:
    form = report["presentedForm"][0]
    if data := form.get("data"):
        return File(form["contentType"], _bytes(data))
    binaries = [one for one in resources if one["resourceType"] == "Binary" and one.get("data")]
    if binaries:
        return File(binaries[0]["contentType"], _bytes(binaries[0]["data"]))
    return File(form["contentType"], url=str(form["url"]))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def _first(resources: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [one for one in resources if one["resourceType"] == kind]
    return found[0] if found else {}


def _name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError("not a name")
    return value


def _code(value: str) -> str:
    return value if NAME.fullmatch(value) else "malformed"


def _words(value: Any, longest: int = 1000) -> str:
    return str(value).strip()[:longest]


READERS: dict[str, Callable[[str, str, dict[str, Any]], Event]] = {
    "status": _status,
    "missing": _missing,
    "opinion": _opinion,
    "slot": _slot,
    "talk": _talk,
}
