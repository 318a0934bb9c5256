"""Stretches of running text on a page, where each letter still knows the line it stands on."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from nlu.report.fact import Fact
from nlu.report.page import Line, PageText
from nlu.report.rows import Row, around, paragraphs_of, pieces_of

LONGEST = 200


class Stretch(Struct, frozen=True):
    """`text` is its lines with one space between; `fields` what stands on the left of each."""

    lines: tuple[Line, ...]
    text: str
    fields: tuple[str, ...]

    def lines_at(self, start: int, end: int) -> tuple[Line, ...]:
        """The lines on which this part of the text stands."""
        return tuple(
            line for at, line in self._placed() if at < end and start < at + len(line.text)
        )

    def field_at(self, start: int) -> str:
        """What stands on the left of the line with this letter: 'Indication:'."""
        placed = zip(self._placed(), self.fields, strict=True)
        return next((field for (at, line), field in placed if start < at + len(line.text)), "")

    def _placed(self) -> Iterator[tuple[int, Line]]:
        at = 0
        for line in self.lines:
            yield at, line
            at += len(line.text) + 1


def rows_as_text(page: PageText) -> tuple[Stretch, ...]:
    """Each row of the page, cells apart by a space."""
    return tuple(_stretch(row, ("",) * len(row)) for row in pieces_of(page))


def prose_of(page: PageText) -> tuple[Stretch, ...]:
    """Each paragraph, its lines joined."""
    by_place = {(line.box, line.text): field for line, field in _fields(pieces_of(page))}
    return tuple(
        _stretch(lines, [by_place.get((line.box, line.text), "") for line in lines])
        for lines in paragraphs_of(page)
    )


def fact(
    name: str, value: str, stretch: Stretch, start: int, end: int, page: int, unit: str = ""
) -> Fact:
    """A fact that stands in this part of a stretch."""
    lines = stretch.lines_at(start, end) or stretch.lines
    said = " ".join(line.text for line in lines)[:LONGEST]
    sure = min(line.sure for line in lines)
    return Fact(name, value, unit, page, around(lines), said, sure)


def _fields(rows: Sequence[Row]) -> Iterator[tuple[Line, str]]:
    for row in rows:
        for before, cell in pairwise(row):
            yield cell, before.text


def _stretch(lines: Sequence[Line], fields: Sequence[str]) -> Stretch:
    return Stretch(tuple(lines), " ".join(line.text for line in lines), tuple(fields))
