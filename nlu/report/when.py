"""Which date a paper bears: the report's own, not that of birth, of the sample, of printing."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from nlu.report.days import days_in
from nlu.report.find import clean, labels
from nlu.report.page import Line, PageText
from nlu.report.rows import Row, pieces_of

# Kinds of labels, the one that counts most first; `head` has none, but stands above everything.
ORDER = ("reported", "plain", "happened", "head", "earlier")
KINDS = ("never", "reported", "happened", "earlier", "plain")
HEAD, HEAD_ROWS = 0.35, 3
# Indic digits read as Latin ones make another date. The engine is less sure of those, and of
# dates in one piece with a label in an Indic script.
LEAST_SURE, LEAST_SURE_LABELLED = 0.94, 0.88
_LIKE = re.compile(r"(?<![\w./-])[\dOoCRE]{1,2}[/.-][\dOoCRE]{1,2}[/.-][\dOoCRE]{2,4}(?![\w/-])")
# So many letters before a date are its label.
LABEL = 45
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)


class Day(Struct, frozen=True):
    """One date of a page, and what its label says it is."""

    day: str
    kind: str


def date_of(pages: Sequence[PageText], today: date = LATEST) -> str:
    """The date of the paper as YYYY-MM-DD, never after today; "" where none is sure."""
    trusted = [page for page in map(clean, pages) if not _misread(page, today)]
    found = [each for page in trusted for each in _days(page) if _can_be(each.day, today)]
    for kind in ORDER:
        if days := [each.day for each in found if each.kind == kind]:
            # A better one that could not be read is not made up for by the day of the sample.
            return "" if kind == "earlier" and any(map(_has_own, trusted)) else days[0]
    return ""


def _can_be(day: str, today: date) -> bool:
    return str(EARLIEST) <= day <= str(today)


def _has_own(page: PageText) -> bool:
    """Whether a field for the report's own date is there."""
    head = (cell for row in pieces_of(page) for cell in row if cell.box[1] < HEAD)
    return any(kind_of_label(cell.text[:LABEL]) in ("reported", "plain") for cell in head)


def _misread(page: PageText, today: date) -> bool:
    """Whether a date of the head cannot be one: then its digits were not what the engine knows."""
    rows = pieces_of(page)
    head = [cell for at, row in enumerate(rows) for cell in row if _begins(at, cell)]
    return any(
        _impossible(hit[0], str(today)) for cell in head for hit in _LIKE.finditer(cell.text)
    )


def _impossible(text: str, today: str) -> bool:
    days = [day for _, day in days_in(text)]
    return not days or min(days) > today


def _days(page: PageText) -> Iterator[Day]:
    rows = pieces_of(page)
    for at, row in enumerate(rows):
        for piece in row:
            for start, day in days_in(piece.text):
                label = _label(rows, at, piece, start)
                if piece.sure < (LEAST_SURE_LABELLED if start else LEAST_SURE):
                    continue
                if kind := kind_of_label(label) or _bare(at, piece, label):
                    yield Day(day, kind)


def _bare(row: int, piece: Line, label: str) -> str:
    """A date without any label counts where the page begins."""
    return "head" if _begins(row, piece) and len(label) < LABEL else ""


def _begins(row: int, piece: Line) -> bool:
    return row < HEAD_ROWS or piece.box[1] < HEAD


def kind_of_label(label: str) -> str:
    """What the words before a date say it is; "" where they say nothing about it."""
    found = [
        (hit.end(), hit.end() - hit.start(), kind)
        for kind in KINDS
        for hit in labels(kind).finditer(label)
    ]
    return max(found)[2] if found else ""


def _label(rows: tuple[Row, ...], at: int, piece: Line, start: int) -> str:
    """The words before a date: of its piece, of the cell on its left, of the one above."""
    if any(char.isalpha() for char in piece.text[:start]):
        return piece.text[:start][-LABEL:]
    left = [cell for cell in rows[at] if cell.box[2] <= piece.box[0] + 0.01]
    if left and any(char.isalpha() for char in left[-1].text):
        return left[-1].text[-LABEL:]
    above = rows[at - 1] if at else ()
    same = [cell for cell in above if abs(cell.box[0] - piece.box[0]) < 0.03]
    return same[-1].text[-LABEL:] if same else ""
