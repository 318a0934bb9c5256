"""One file of a document on its way into a bound PDF, and what came of it."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from nlu.report.page import Box, Text
from storage.documents_mime import PHOTOS

JPEG = "image/jpeg"


class Unusable(Exception):
    """A file that cannot be bound; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = {
    "encrypted": "locked with a password",
    "broken": "cannot be opened",
    "large": "too large to be bound",
    "kind": "not a photo or PDF",
    "apart": "in its own PDF, too large for this one",
}


class Sheet(Struct, frozen=True):
    """One file: `mime` of `data`, the ISO date on it, what was read, remarks for the index.

    `text` has boxes in shares of the picture (or PDF page) in `data`, turned upright.
    """

    mime: str
    dated: str = ""
    text: Text = Text()
    notes: tuple[str, ...] = ()
    data: bytes = b""

    @property
    def photographed(self) -> bool:
        """Whether it is a picture, not pages of a PDF."""
        return self.mime in PHOTOS


class Bound(Struct, frozen=True):
    """A bound PDF, and how many pages each sheet has in it (0: it could not be taken)."""

    pdf: bytes
    pages: tuple[int, ...]


class Part(Struct, frozen=True):
    """One document of the checklist: its sheets, and the pages of each in its bound PDF."""

    label: str
    sheets: tuple[Sheet, ...]
    pages: tuple[int, ...]


class Wanted(Struct, frozen=True):
    """A place on a sheet: `page` counts from 0 within it, `box` is in shares of the page."""

    sheet: int
    page: int
    box: Box


class Ready(Struct, frozen=True):
    """A file that was made ready alone, or why it cannot be used; `damaged`: it was repaired."""

    mime: str = ""
    reason: str = ""
    damaged: bool = False


class Counted(Struct, frozen=True):
    """How many pages each sheet has in the PDF made."""

    pages: tuple[int, ...] = ()


def documents(sheets: Sequence[Sheet]) -> list[list[int]]:
    """The places of the sheets that are one paper: photos after one another up to a new date."""
    found: list[list[int]] = []
    for place, sheet in enumerate(sheets):
        if not found or _begins(sheets[found[-1][0]], sheets[place - 1], sheet):
            found.append([])
        found[-1].append(place)
    return found


def by_date(sheets: Sequence[Sheet]) -> list[list[int]]:
    """The same, the oldest first; what has no date stays before all that has one."""
    return sorted(documents(sheets), key=lambda places: sheets[places[0]].dated)


def day(iso: str) -> str:
    """A date as people read it; what is none stays as it came."""
    try:
        return f"{date.fromisoformat(iso):%d %b %Y}"
    except ValueError:
        return iso


def _begins(first: Sheet, before: Sheet, sheet: Sheet) -> bool:
    if not (before.photographed and sheet.photographed):
        return True
    return sheet.dated not in ("", first.dated)
