"""Dates as reports print them, day first: 05/03/2026, 5.3.26, 05-Mar-2026, March 5, 2026."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from nlu.data import section
from nlu.normalise import normalise

EARLIEST = 1900
# Two digits of a year from here on are of the last century.
LAST_CENTURY = 70
_GAP = r"\s*[-/.,\\ ]\s*"
_NUMERIC = re.compile(rf"(?<![\d/.-])(\d{{1,2}}){_GAP}(\d{{1,2}}){_GAP}(\d{{4}}|\d{{2}})(?![\d])")
_ISO = re.compile(r"(?<!\d)(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:st|nd|rd|th)?\s*[-/., ]*\s*([^\W\d_][^\d\s,/.'’-]{2,})"
    r"[-/.,'’ ]*(\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"([^\W\d_][^\d\s,/.-]{2,})\.?\s*(\d{1,2})(?:st|nd|rd|th)?\s*,\s*(\d{4})(?!\d)", re.IGNORECASE
)


# Engines take the letter for a zero: 23/0ct/2026.
_OCT = re.compile(r"0(?=ct)", re.IGNORECASE)


def days_in(text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, ISO date) of every full date in a text whose digits are ASCII."""
    text = _OCT.sub("O", text)
    found = [
        *((hit.start(), _day(hit[3], hit[2], hit[1])) for hit in _NUMERIC.finditer(text)),
        *((hit.start(), _day(hit[1], hit[2], hit[3])) for hit in _ISO.finditer(text)),
        *((hit.start(), _day(hit[3], _month(hit[2]), hit[1])) for hit in _NAMED.finditer(text)),
        *(
            (hit.start(), _day(hit[3], _month(hit[1]), hit[2]))
            for hit in _MONTH_FIRST.finditer(text)
        ),
    ]
    return iter(sorted((at, day) for at, day in found if day))


def _day(year: str, month: str, day: str) -> str:
    full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < LAST_CENTURY else 1900)
    try:
        found = date(full, int(month or 0), int(day))
    except ValueError:
        return ""
    return found.isoformat() if found.year >= EARLIEST else ""


@cache
def _months() -> dict[str, str]:
    return {
        word: key for key, per in section("months").items() for ws in per.values() for word in ws
    }


def _month(word: str) -> str:
    known, said = _months(), normalise(word)
    if said in known:
        return known[said]
    starts = {key for name, key in known.items() if len(said) >= 3 and name.startswith(said)}
    return starts.pop() if len(starts) == 1 and said.isascii() else ""
