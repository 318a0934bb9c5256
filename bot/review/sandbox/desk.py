"""What a reviewer does with a case; each act is kept and becomes an event for Saathi."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.review import terms
from bot.review.sandbox import opinion
from bot.review.sandbox.outbox import Outbox
from bot.review.sandbox.store import Kept, Store

TALK = timedelta(minutes=20)
# Beyond this a file goes by its address: a webhook has room for a megabyte.
INLINE = 400_000
TASKS = {
    "received": "received",
    "being_checked": "accepted",
    "documents_missing": "on-hold",
    "with_panel": "in-progress",
    "opinion_ready": "completed",
    "talk_booked": "completed",
    "closed": "completed",
}


@dataclass
class Desk:
    """The reviewers' desk over one store."""

    store: Store
    outbox: Outbox
    now: Callable[[], datetime]
    inline: int = INLINE
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def move(self, case: Kept, status: str) -> None:
        """Give a case another status."""
        case.status = status
        self._note(case, f"Status: {terms.word('statuses', status)}")
        self._tell(case, "status", {"task": task_of(case, self._time())})

    def ask(self, case: Kept, document: str, note: str) -> None:
        """Ask the family for a record."""
        case.status = "documents_missing"
        self._note(case, f"Asked for: {terms.word('papers', document)}")
        self._tell(case, "missing", {"document": document, "note": note})

    def give(self, case: Kept, written: opinion.Written, pdf: bytes) -> None:
        """Send a signed opinion."""
        case.opinion, case.status = self.store.add(pdf), "opinion_ready"
        self._note(case, f"Opinion sent by {written.doctor}")
        data = base64.b64encode(pdf).decode() if len(pdf) <= self.inline else ""
        task = task_of(case, self._time())
        found = opinion.bundle(written, case, task, self._time(), data)
        self._tell(case, "opinion", {"bundle": found})

    def offer(self, case: Kept, starts: list[datetime]) -> None:
        """Offer times for the talk afterwards."""
        case.slots, case.chosen = [_slot(start) for start in starts], ""
        self._note(case, f"{len(starts)} times for the talk offered")
        for slot in case.slots:
            self._tell(case, "slot", slot)

    def book(self, case: Kept, start: datetime, link: str) -> None:
        """Book the talk."""
        case.talk, case.status = start.isoformat(), "talk_booked"
        self._note(case, f"Talk booked: {start:%d %b %Y %H:%M}")
        appointment = appointment_of(case, start)
        told = {"appointment": appointment, "start": start.isoformat(), "link": link}
        self._tell(case, "talk", told)

    def _note(self, case: Kept, what: str) -> None:
        case.history.append({"at": self._time(), "what": what})
        self.store.keep(case)

    def _tell(self, case: Kept, kind: str, more: dict[str, Any]) -> None:
        event = {"id": secrets.token_hex(12), "case": case.number, "type": kind}
        self.outbox.put({**event, "at": self._time(), **more})

    def _time(self) -> str:
        return self.now().isoformat(timespec="seconds")


def task_of(case: Kept, time: str) -> dict[str, Any]:
    """The case's Task with its present status."""
    found = next(
        entry["resource"]
        for entry in case.bundle["entry"]
        if entry["resource"]["resourceType"] == "Task"
    )
    system = found["businessStatus"]["coding"][0]["system"]
    business = {
        "coding": [{"system": system, "code": case.status}],
        "text": terms.word("statuses", case.status),
    }
    moved = {"status": TASKS[case.status], "businessStatus": business, "lastModified": time}
    return {**found, **moved}


def appointment_of(case: Kept, start: datetime) -> dict[str, Any]:
    """The booked talk."""
    task = task_of(case, "")
    return {
        "resourceType": "Appointment",
        "identifier": [task["groupIdentifier"]],
        "status": "booked",
        "appointmentType": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/v2-0276", "code": "FOLLOWUP"}
            ]
        },
        "basedOn": [task["focus"]],
        "start": start.isoformat(),
        "end": (start + TALK).isoformat(),
        "participant": [
            {"actor": task["for"], "status": "accepted"},
            {"actor": {"display": "Reviewing doctor"}, "status": "accepted"},
        ],
    }


def _slot(start: datetime) -> dict[str, str]:
    return {
        "slot": secrets.token_hex(4),
        "start": start.isoformat(),
        "end": (start + TALK).isoformat(),
    }
