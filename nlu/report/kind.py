"""Which document of the checklist a paper is, by its heading and the words only it has."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from msgspec import Struct

from nlu.data import load
from nlu.report.find import clean, listed, pattern
from nlu.report.page import PageText
from nlu.report.rows import Row, paragraphs_of, pieces_of, words

# A heading of the paper stands on a row of its own, or fills this share of one.
HEADING = 0.5
TITLE, NAMED, SAYS, HINT, AGAINST = 9.0, 2.0, 2.0, 0.7, -2.5
# So many of each count: long papers say everything somewhere.
MOST = {"named": 1, "says": 6, "hints": 5, "not": 4}
# Later headings are those of sections.
LATER = 0.75
# Measured on a labelled set: lead over the second kind, and how often it was right.
SURE = ((0.0, 0.3), (0.5, 0.5), (1.5, 0.7), (3.0, 0.85), (5.0, 0.93), (8.0, 0.97))
# Fewer points than this say nothing.
LEAST = 2.0


class Guess(Struct, frozen=True):
    """An id of the checklist, or "" where nothing tells; `sure`: how often such are right."""

    kind: str = ""
    sure: float = 0.0


class Words(Struct, frozen=True):
    """What tells one kind, ready to be searched for."""

    title: re.Pattern[str]
    says: re.Pattern[str]
    hints: re.Pattern[str]
    against: re.Pattern[str]


def kind_of(pages: Sequence[PageText]) -> Guess:
    """What the pages of one paper are, together."""
    points = points_of(pages)
    first, second = [*sorted(points.items(), key=lambda each: -each[1]), ("", 0.0), ("", 0.0)][:2]
    if first[1] < LEAST:
        return Guess()
    lead = first[1] - max(second[1], 0.0)
    return Guess(first[0], max(sure for least, sure in SURE if lead >= least))


def points_of(pages: Sequence[PageText]) -> Mapping[str, float]:
    """How much speaks for each kind."""
    rows = [row for page in pages for row in pieces_of(clean(page))]
    prose = [words(row) for page in pages for row in paragraphs_of(clean(page))]
    text = "\n".join((*map(words, rows), *prose))
    return {kind: _said(known, text) + _headed(known, rows) for kind, known in _kinds().items()}


@cache
def _kinds() -> dict[str, Words]:
    return {
        kind: Words(
            *(pattern(listed(given.get(key, ()))) for key in ("title", "says", "hints", "not"))
        )
        for kind, given in (
            (kind, _lists(given)) for kind, given in load("report/kinds.yml").items()
        )
    }


def _lists(given: Mapping[str, str]) -> dict[str, list[str]]:
    return {key: [entry] for key, entry in given.items()}


def _said(known: Words, text: str) -> float:
    return (
        NAMED * _many(known.title, text, "named")
        + SAYS * _many(known.says, text, "says")
        + HINT * _many(known.hints, text, "hints")
        + AGAINST * _many(known.against, text, "not")
    )


def _many(phrases: re.Pattern[str], text: str, what: str) -> int:
    """How many different phrases are said."""
    different = {re.sub(r"\W+", "", hit[0]).casefold() for hit in phrases.finditer(text)}
    return min(len(different), MOST[what])


def _headed(known: Words, rows: Sequence[Row]) -> float:
    """What its best heading is worth: the more of its row it fills and the higher it stands."""
    worth = (
        TITLE * filled * (1.0 if at < len(rows) / 2 else LATER)
        for at, row in enumerate(rows)
        for cell in row
        if (filled := _filled(known.title, cell.text)) >= HEADING
    )
    return max(worth, default=0.0)


def _filled(title: re.Pattern[str], text: str) -> float:
    """The share of a piece's letters that its longest heading takes."""
    letters = sum(char.isalnum() for char in text)
    longest = max((sum(map(str.isalnum, hit[0])) for hit in title.finditer(text)), default=0)
    return longest / letters if letters else 0.0
