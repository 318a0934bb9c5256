"""A fictional case as it would be told today: what is said, and what must be stored of it."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from msgspec.structs import replace
from pypdf import PdfReader

from flows.conversation import Case, Given
from flows.steps import steps
from flows.turnaround import ZONE
from tests import files
from tests.cases import load_case, story

LAST_MONTH = "पिछले महीने"
OWN_PHONE = "button:this_number"


class Told:
    """A case file with its dates moved to today; `own_phone` where the chat knows the number."""

    def __init__(self, name: str, *, own_phone: bool) -> None:
        self.story = story(name)
        self.name, self.language = name, str(self.story["language"])
        self.today = datetime.now(ZONE).date()
        self.moved = self.today - datetime.fromisoformat(self.story["clock"]).date()
        self.rows = {row["field"]: self._row(dict(row), own_phone) for row in self.story["answers"]}
        self.waivers = {row["doc"]: row["reason"] for row in self.story["waivers"]}

    def _row(self, row: dict[str, Any], own_phone: bool) -> dict[str, Any]:
        if row["say"] == OWN_PHONE and not own_phone:
            row |= {"say": "+91 90000 00001", "value": "+919000000001"}
        if "date" in row:
            row["date"] = (date.fromisoformat(row["date"]) + self.moved).isoformat()
        if row["say"] == LAST_MONTH:
            row["value"] = f"{self.today.replace(day=1) - timedelta(days=1):%Y-%m}"
        if isinstance(row["value"], dict) and "birth_year" in row["value"]:
            row["value"] = {
                **row["value"],
                "birth_year": self.today.year - row["value"]["age_years"],
            }
        return row

    def uploads(self, doc: str) -> list[tuple[str, str, bytes]]:
        """The files of a document in the order of sending; a hopeless photo as often as told."""
        found = [row for row in self.story["uploads"] if row["doc"] == doc]
        return [files.upload(row) for row in found for _ in range(row.get("tries", 1))]

    def accepted(self) -> dict[str, list[bytes]]:
        """The bytes of each document that must arrive."""
        kept: dict[str, list[bytes]] = {}
        for row in self.story["uploads"]:
            if row["result"] != "retake":
                kept.setdefault(row["doc"], []).append(files.upload(row)[2])
        return kept

    def pages(self) -> dict[str, list[int]]:
        """How many pages each file of a document has, of those that must arrive."""
        return {doc: [_pages(data) for data in kept] for doc, kept in self.accepted().items()}

    def photographed(self, doc: str) -> bool:
        """Whether a photo of a document must arrive."""
        return any(not data.startswith(b"%PDF") for data in self.accepted()[doc])

    def case(self, number: str) -> Case:
        """The case with every answer as it must be stored."""
        _, known = load_case(self.name)
        answers = {name: self._given(row) for name, row in self.rows.items()}
        if "date" in self.rows["urgency"]:
            answers["urgency_date"] = Given(self.rows["urgency"]["date"], self._noon)
        ordered = {name: answers[name] for name in steps() if name in answers}
        return replace(known, number=number, answers=ordered, papers={})

    def _given(self, row: dict[str, Any]) -> Given:
        how = "skipped" if row.get("skipped") else "given"
        return Given(row["value"], self._noon, how)

    @property
    def _noon(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=ZONE)

    def private(self) -> list[str]:
        """Words that may stand nowhere in clear."""
        said: list[str] = []
        for name in ("writer_name", "patient_name", "hospital", "medicines", "questions", "place"):
            value = self.rows.get(name, {}).get("say", [])
            said += [value] if isinstance(value, str) else [one for one in value if one != "done"]
        phone = str(self.rows["callback_phone"]["value"])
        return [*said, phone.removeprefix("+91"), str(self.story["chat_id"]).split(":")[-1]]


def _pages(data: bytes) -> int:
    return len(PdfReader(BytesIO(data)).pages) if data.startswith(b"%PDF") else 1
