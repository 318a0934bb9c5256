"""Laboratory values: a test's name, its number and unit; never those of the reference range."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from msgspec import Struct

from nlu.data import load
from nlu.report.fact import Fact
from nlu.report.find import listed, pattern
from nlu.report.page import Line, PageText
from nlu.report.rows import Row, pieces_of
from nlu.report.stretch import Stretch, fact, prose_of, rows_as_text

_NUMBER = r"(?P<value>[<>]?\s?\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|[<>]?\s?\d+(?:\.\d+)?)"
# A range, a date, a part of a word are no result.
_RESULT = re.compile(
    rf"(?<![\w.,/-]){_NUMBER}(?!\s*(?:-|–|to)\s*\d)(?!\d*\s?[/.-]\s?\d)(?![\d.]*\w*-\d)(?![a-z]*\d)"
)
_RANGE = re.compile(
    r"\d[\d.,]*\s*(?:-|–|to)\s*\d[\d.,]*|(?:up ?to|less than|upto|below|above)\s*\d[\d.]*", re.I
)
# Between a name and its number in running text.
_NEAR = re.compile(
    r"[\s:=|()%,.–-]*(?:was|is|of|levels?|value|before the scan|today|now|total|serum)?"
    r"[\s:=|(–-]*",
    re.I,
)
_EARLIER = re.compile(
    r"\b(?:previous|prior|earlier|last|baseline|initial|old|if|when|target|keep|until|till)\b"
    r"[^.]{0,20}$",
    re.I,
)
MEANS_OTHER = 22
# Laboratories mark what is too high or too low.
_FLAG = r"(?:\s*[(\[]?(?:[HL*↑↓]|high|low)[)\]]?(?=\s))?"


class Test(Struct, frozen=True):
    """What a value is called and measured in, and between which numbers it can be."""

    name: re.Pattern[str]
    unit: re.Pattern[str]
    other: re.Pattern[str]
    low: float
    high: float


@cache
def tests() -> dict[str, Test]:
    """Every test that is taken, by id."""
    return {name: _test(given) for name, given in load("report/facts.yml")["values"].items()}


def _test(given: Mapping[str, Any]) -> Test:
    name, other = (pattern(listed([given[key]])) for key in ("name", "not"))
    return Test(name, _units(given["unit"]), other, given["low"], given["high"])


def _units(names: str) -> re.Pattern[str]:
    # Engines drop the slash: 'mmolL', 'UL'.
    parts = (re.escape(unit).replace("/", r"\s*[/7I|]?\s*") for unit in listed([names]))
    return re.compile(rf"{_FLAG}\s*({'|'.join(parts) or '(?!)'})(?![a-z])", re.IGNORECASE)


@cache
def _any_unit() -> re.Pattern[str]:
    given = load("report/facts.yml")["values"].values()
    return _units(" | ".join(each["unit"] for each in given if each["unit"]))


def measured(page: PageText, number: int) -> Iterator[Fact]:
    """All values of a page, of its rows, its running text and its tables with heads."""
    for row in rows_as_text(page):
        yield from _of_row(row, number)
    for stretch in prose_of(page):
        yield from _of_prose(stretch, number)
    for above, below in pairwise(pieces_of(page)):
        yield from _of_columns(above, below, number)


def _of_row(row: Stretch, number: int) -> Iterator[Fact]:
    """A row of a table: the name begins it."""
    for name, test in tests().items():
        begins = test.name.match(row.text.lstrip(" .:*•-"))
        if begins and not test.other.search(row.text[: begins.end() + MEANS_OTHER]):
            start = row.text.index(begins[0]) + len(begins[0])
            yield from _result(name, test, row, start, number)


def _result(name: str, test: Test, row: Stretch, start: int, number: int) -> Iterator[Fact]:
    masked = _RANGE.sub(lambda hit: "~" * len(hit[0]), row.text)
    hit = _RESULT.search(masked, start)
    if not hit or not _can_be(test, hit["value"]):
        return
    unit = test.unit.match(row.text, hit.end())
    if not unit and _any_unit().match(row.text, hit.end()):
        return
    words = re.findall(r"[A-Za-z]{4,}", row.text[start : hit.start()])
    # 'Haemoglobin was normal on day 3' is a sentence, and no row of a table.
    if len(words) <= (4 if unit else 0):
        said = unit[1] if unit else ""
        yield fact(name, hit["value"].strip(), row, start - 1, (unit or hit).end(), number, said)


def _of_prose(stretch: Stretch, number: int) -> Iterator[Fact]:
    """'Creatinine before the scan: 0.9 mg/dL': in running text only with its unit."""
    for name, test in tests().items():
        for said in test.name.finditer(stretch.text):
            near = _NEAR.match(stretch.text, said.end())
            hit = _RESULT.match(stretch.text, near.end() if near else said.end())
            unit = test.unit.match(stretch.text, hit.end()) if hit else None
            if not hit or not unit or not _can_be(test, hit["value"]):
                continue
            before = stretch.text[max(0, said.start() - MEANS_OTHER) : said.start()]
            if not _EARLIER.search(before) and not test.other.search(before):
                value = hit["value"].strip()
                yield fact(name, value, stretch, said.start(), unit.end(), number, unit[1])


def _of_columns(above: Row, below: Row, number: int) -> Iterator[Fact]:
    """A row of names with a row of numbers under it."""
    heads = [(name, cell) for cell in above if (name := _test_named(cell.text))]
    if len(heads) < 2 or any(_RESULT.search(cell.text) for cell in above):
        return
    for name, head in heads:
        cell = min(below, key=lambda each: abs(_middle(each) - _middle(head)))
        hit = _RESULT.fullmatch(cell.text.strip())
        if hit and _can_be(tests()[name], hit["value"]) and _over(head, cell):
            row = Stretch((head, cell), f"{head.text} {cell.text}", ("", ""))
            yield fact(name, hit["value"].strip(), row, 0, len(row.text), number)


def _test_named(text: str) -> str:
    return next(
        (name for name, test in tests().items() if test.name.fullmatch(text.strip(" :"))), ""
    )


def _middle(line: Line) -> float:
    return (line.box[0] + line.box[2]) / 2


def _over(head: Line, cell: Line) -> bool:
    wide = max(head.box[2] - head.box[0], cell.box[2] - cell.box[0])
    return abs(_middle(head) - _middle(cell)) < wide


def _can_be(test: Test, value: str) -> bool:
    number = float(value.strip("<> ").replace(",", ""))
    return test.low <= number <= test.high
