"""What stands printed on the pages that the panel wants to see at once, each with its place."""

import re
from collections.abc import Iterable, Iterator, Sequence

from nlu.report.fact import Fact
from nlu.report.find import clean
from nlu.report.marks import doses, grades, receptors, scores, stages
from nlu.report.measured import measured
from nlu.report.page import PageText
from nlu.report.stretch import prose_of, rows_as_text
from nlu.report.tumour import diagnoses, operations, regimens

IN_PROSE = (diagnoses, stages, grades, operations, regimens, receptors, scores, doses)
IN_ROWS = (receptors, scores, doses)


def facts_of(pages: Sequence[PageText]) -> tuple[Fact, ...]:
    """Every fact once, in the order of the pages; `page` counts from 1."""
    first: dict[tuple[str, str], Fact] = {}
    for number, page in enumerate(pages, 1):
        upright = clean(page)
        for each in _fullest((*_printed(upright, number), *measured(upright, number))):
            first.setdefault((each.name, bare(each.value)), each)
    return tuple(first.values())


def _printed(page: PageText, number: int) -> Iterator[Fact]:
    for stretch in prose_of(page):
        for told in IN_PROSE:
            yield from told(stretch, number)
    for row in rows_as_text(page):
        for told in IN_ROWS:
            yield from told(row, number)


def bare(value: str) -> str:
    """A value without spaces, case and signs, to compare it with another."""
    return re.sub(r"[^\w+<>%]|_", "", value.casefold())


def _fullest(found: Iterable[Fact]) -> Iterator[Fact]:
    """Without those that another of the same name says more fully."""
    facts = list(found)
    for one in facts:
        if not any(_says_more(other, one) for other in facts):
            yield one


def _says_more(other: Fact, one: Fact) -> bool:
    mine, more = bare(one.value), bare(other.value)
    worded = any(char.isalpha() for char in one.value)
    return one.name == other.name and worded and mine != more and mine in more
