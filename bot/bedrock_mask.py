"""A text as a stranger may read it: no numbers, addresses or known names, and not all of it."""

import re
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from nlu import language_of, redact
from nlu.normalise import digits, is_word, normalise, squeeze
from nlu.numbers import read

NUMBER, NAME, LINK = "[number]", "[name]", "[link]"
LONGEST = 500
_MASK = re.compile(r"\[(?:number|name|link)\]")
_ADDRESS = re.compile(r"(?<!\S)[^\s@]*\s{0,3}@\s{0,3}\S*")
_SITES = "com|in|org|net|co|io|me|info|gov|edu|app|dev|link|ly|be|gl|gle|biz|xyz|site|online"
_LINK = re.compile(rf"(?<!\S)\S*(?:\w://|\bwww\.|\w\.(?:{_SITES})(?![^\W_]))\S*", re.IGNORECASE)
# Seven digits that spaces and signs hold apart may be a telephone's; a date has eight at most.
_APART = re.compile(r"\+?\d(?:(?:[\s().\-–—/]{0,3}|[,:_*|])\d){6,}")
_TOGETHER = re.compile(r"\d{5,}")
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = re.compile(rf"{_DAY}([-/. ]){_MONTH}\1{_YEAR}|{_YEAR}([-/. ]){_MONTH}\2{_DAY}")
# A number said digit by digit; 'double' and the like may stand between.
_SPOKEN, _AMONG = 5, 7
_SHORTEST, _SHORTEST_START = 2, 3


def masked(text: str, names: Sequence[str] = (), *, dates: bool = False) -> str:
    """The text with what may name somebody masked; `dates` stay where they are asked for."""
    # Angle brackets go: nothing in it may look like the end of the message.
    shown = re.sub(r"[<>]", " ", redact(digits(text))[0])
    shown = _LINK.sub(LINK, _ADDRESS.sub(LINK, shown))
    shown = _TOGETHER.sub(NUMBER, _APART.sub(partial(_number, dates=dates), shown))
    return _without(names, shown).strip()[:LONGEST]


def says_something(shown: str) -> bool:
    """Whether a masked text has anything left to be read."""
    return bool(normalise(_MASK.sub(" ", shown)))


def spells_a_number(shown: str, language: str) -> bool:
    """Whether a text may hold a long number in words: 'nine eight double zero five'."""
    words = normalise(shown).split()
    said = [isinstance(value, int) for value, _ in read(words, language_of(shown) or language)]
    return any(sum(said[at : at + _AMONG]) >= _SPOKEN for at in range(len(said)))


def _number(found: re.Match[str], dates: bool) -> str:
    return found.group() if dates and _DATE.fullmatch(found.group()) else NUMBER


def _without(names: Sequence[str], text: str) -> str:
    parts = {part for name in names for part in normalise(name).split() if len(part) >= _SHORTEST}
    if not parts:
        return text
    # Not by `\b`: for it the vowel signs of Indian scripts end a word.
    runs = ("".join(run) for _, run in groupby(text, is_word))
    return "".join(NAME if any(_names(part, run) for part in parts) else run for run in runs)


def _names(part: str, run: str) -> bool:
    """Whether a word is a part of a name, however spelt, or begins with it: Ramji, आशाने."""
    word = normalise(run)
    begins = len(part) >= _SHORTEST_START and word.startswith(part)
    return begins or (bool(word) and squeeze(word) == squeeze(part))
