"""Which date a paper bears: the report's own, not that of birth, of the sample, of printing."""

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
# Indic digits read as Latin ones make another date; the engine is less sure of those.
LEAST_SURE = 0.86
# So many letters before a date are its label.
LABEL = 45
LATEST = date(2099, 12, 31)


class Day(Struct, frozen=True):
    """One date of a page, and what its label says it is."""

    day: str
    kind: str


def date_of(pages: Sequence[PageText], today: date = LATEST) -> str:
    """The date of the paper as YYYY-MM-DD, never after today; "" where none is sure."""
    found = [each for page in pages for each in _days(clean(page)) if each.day <= str(today)]
    for kind in ORDER:
        if days := [each.day for each in found if each.kind == kind]:
            return days[0]
    return ""


def _days(page: PageText) -> Iterator[Day]:
    rows = pieces_of(page)
    for at, row in enumerate(rows):
        for piece in row:
            for start, day in days_in(piece.text) if piece.sure >= LEAST_SURE else ():
                label = _label(rows, at, piece, start)
                if kind := kind_of_label(label) or _bare(at, piece, label):
                    yield Day(day, kind)


def _bare(row: int, piece: Line, label: str) -> str:
    """A date without any label counts where the page begins."""
    begins = row < HEAD_ROWS or piece.box[1] < HEAD
    return "head" if begins and len(label) < LABEL else ""


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
