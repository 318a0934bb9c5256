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
TITLE, GENERAL, NAMED, SAYS, HINT, AGAINST = 9.0, 4.0, 2.0, 2.0, 0.7, -2.5
KEYS = ("title", "general", "says", "hints", "not")
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
    general: re.Pattern[str]
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
    return {kind: _words(given) for kind, given in load("report/kinds.yml").items()}


def _words(given: Mapping[str, str]) -> Words:
    return Words(*(pattern(listed([given.get(key, "")])) for key in KEYS))


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
    return max(
        (
            _worth(known, cell.text, at < len(rows) / 2)
            for at, row in enumerate(rows)
            for cell in row
        ),
        default=0.0,
    )


def _worth(known: Words, text: str, upper: bool) -> float:
    kinds = ((TITLE, known.title), (GENERAL, known.general))
    filled = ((points, _filled(heading, text)) for points, heading in kinds)
    best = max(points * share for points, share in filled if share >= HEADING or share == 0)
    return best if upper else best * LATER


def _filled(title: re.Pattern[str], text: str) -> float:
    """The share of a piece's letters that its longest heading takes."""
    letters = sum(char.isalnum() for char in text)
    longest = max((sum(map(str.isalnum, hit[0])) for hit in title.finditer(text)), default=0)
    return longest / letters if letters else 0.0
