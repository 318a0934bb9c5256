"""What stands beside a label: after it, in the next cell, or below it."""

import re
from collections.abc import Iterator

from msgspec import Struct

from nlu.report.page import Line, PageText
from nlu.report.rows import Row, height_of, pieces_of


class Beside(Struct, frozen=True):
    """`label` as found, in which piece, and the pieces that may hold its value, best first."""

    label: str
    before: str
    piece: Line
    row: int
    values: tuple[Line, ...]


_LEAD = re.compile(r"^[\s:;.,/|)\]'’-]+")


def beside(page: PageText, label: re.Pattern[str]) -> Iterator[Beside]:
    """Every place where a label stands, from top to bottom."""
    rows, high = pieces_of(page), height_of(page)
    for at, row in enumerate(rows):
        for piece in row:
            for found in label.finditer(piece.text):
                rest = _LEAD.sub("", piece.text[found.end() :])
                own = (Line(rest, piece.box, piece.sure),) if rest else ()
                values = (*own, *_around(rows, at, _to(piece, found.end()), high))
                yield Beside(found[0], piece.text[: found.start()], piece, at, values)


def _to(piece: Line, end: int) -> Line:
    """The piece up to a letter: what follows may be nonsense under which the value stands."""
    left, top, right, bottom = piece.box
    return Line(
        piece.text[:end], (left, top, left + (right - left) * end / len(piece.text), bottom)
    )


def _around(rows: tuple[Row, ...], at: int, piece: Line, high: float) -> Iterator[Line]:
    """The next cell of the row; of the row above and below, as labels may be two rows high."""
    right = piece.box[2] - 0.01
    yield from [cell for cell in rows[at] if cell.box[0] > right][:1]
    for near in (at - 1, at + 1):
        if 0 <= near < len(rows) and _near(rows[near], piece, high):
            yield from [cell for cell in rows[near] if cell.box[0] > right][:1]
    if at + 1 < len(rows):
        yield from (cell for cell in rows[at + 1] if abs(cell.box[0] - piece.box[0]) < 0.02)


def _near(row: Row, piece: Line, high: float) -> bool:
    middles = [(cell.box[1] + cell.box[3]) / 2 for cell in row]
    middle = (piece.box[1] + piece.box[3]) / 2
    return min(abs(each - middle) for each in middles) < 2.2 * high
