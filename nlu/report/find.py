"""Finds phrases in what was read, whose spaces and case an engine may have lost."""

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from nlu.data import load
from nlu.normalise import digits
from nlu.report.page import Line, PageText

# So long a phrase counts also where it is glued to its neighbours.
LONG = 10
# 'PatientSUNITA': capitals after small letters begin a word.
_WORD_ENDS = r"(?:(?![^\W\d_])|(?<=(?-i:[a-z]))(?=(?-i:[A-Z])))"
NONE = re.compile(r"(?!)")


def listed(entries: Iterable[str]) -> tuple[str, ...]:
    """The phrases of a list whose entries hold several, with bars between; longest first."""
    phrases = {part.strip() for entry in entries for part in str(entry).split("|")} - {""}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these phrases, whole words, the longest first."""
    parts = [_part(phrase) for phrase in phrases]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else NONE


@cache
def labels(*keys: str) -> re.Pattern[str]:
    """Finds the labels of these kinds in `labels.yml`."""
    known = load("report/labels.yml")
    return pattern(listed(entry for key in keys for entry in known[key]))


def clean(page: PageText) -> PageText:
    """The same page with native digits as ASCII, joiners gone and single spaces."""
    lines = tuple(
        Line(" ".join(digits(line.text).split()), line.box, line.sure) for line in page.lines
    )
    return msgspec.structs.replace(page, lines=lines)


def _part(phrase: str) -> str:
    words = r"[\s._]*".join(re.escape(word) for word in phrase.split())
    letters = sum(char.isalpha() for char in phrase)
    if not phrase.isascii() or letters >= LONG:
        return words
    before = r"(?<![^\W\d_])" if phrase[0].isalpha() else r"(?<!\w)"
    after = _WORD_ENDS if phrase[-1].isalpha() else r"(?!\w)"
    return f"{before}{words}{after}"
