"""Fit words into a provider's limits: measure them, and cut long ones where it hurts least."""

import re
import unicodedata
from collections.abc import Callable

_BREAKS = (
    re.compile(r"\n{2,}"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?।॥۔؟…])\s+"),
    re.compile(r"\s+"),
)
_JOINER = "\u200d"
_VIRAMA = 9  # canonical combining class of the sign that joins two Indic consonants


def utf16(text: str) -> int:
    """How long a text is in UTF-16 units, as Telegram counts it."""
    return len(text) + sum(char > "\uffff" for char in text)


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """Parts that each measure at most `limit`, cut between paragraphs, sentences or words.

    White space at a cut is dropped; nothing else is. An empty text is one empty part.
    """
    parts = []
    rest = text
    while measure(rest) > limit:
        end, after = _cut(rest, _reach(rest, limit, measure))
        parts.append(rest[:end])
        rest = rest[after:]
    return [*parts, rest] if rest or not parts else parts


def _reach(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit; at least one, so that cutting always ends."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, reach: int) -> tuple[int, int]:
    """Where a part ends and where the next begins."""
    for pattern in _BREAKS:
        last = None
        for found in pattern.finditer(text, reach // 2):
            if found.start() > reach:
                break
            last = found
        if last and last.start() > 0:
            return last.start(), last.end()
    end = next((at for at in range(reach, 0, -1) if _whole(text, at)), reach)
    return end, end


def _whole(text: str, at: int) -> bool:
    """Whether a cut here leaves what people see as one letter in one piece."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M"):
        return False
    if unicodedata.combining(before) == _VIRAMA or "\U0001f3fb" <= after <= "\U0001f3ff":
        return False
    return not (_flag(after) and _flags_before(text, at) % 2)


def _flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, at: int) -> int:
    start = at
    while start and _flag(text[start - 1]):
        start -= 1
    return at - start
