"""Two ways to look phrases up: stems at word starts, and whole words that cover a text."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from nlu.data import entries, section
from nlu.normalise import squeeze

SHORTEST_SQUEEZED = 3


class Hit(NamedTuple):
    """Where a phrase stands in a normalised text and what it means."""

    start: int
    end: int
    key: str
    phrase: str


class Stems:
    """Phrases that must begin at a word start; Indic ones may carry any suffix."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._by_head: dict[str, list[tuple[str, str, bool]]] = {}
        first: dict[str, str] = {}
        for phrase, key in phrases:
            first.setdefault(_stem(phrase), key)
        for phrase, key in first.items():
            whole = phrase.isascii() or len(phrase) <= 2
            self._by_head.setdefault(phrase[:2], []).append((phrase, key, whole))

    def hits(self, text: str) -> Iterator[Hit]:
        """Every phrase found, overlapping ones too."""
        start = 0
        while True:
            for phrase, key, whole in self._by_head.get(text[start : start + 2], ()):
                if text.startswith(phrase, start):
                    end = start + len(phrase)
                    if not whole or _ends(text, end):
                        yield Hit(start, end, key, phrase)
            start = text.find(" ", start) + 1
            if not start:
                return

    def longest(self, text: str) -> list[Hit]:
        """The longest phrase, then the longest beside it, and so on; never overlapping."""
        taken: list[Hit] = []
        for hit in sorted(self.hits(text), key=lambda hit: hit.start - hit.end):
            if all(hit.end <= other.start or hit.start >= other.end for other in taken):
                taken.append(hit)
        return taken

    def first(self, text: str) -> Hit | None:
        """Any phrase found."""
        return next(self.hits(text), None)


# A silent vowel, or Malayalam's last m, gives way to an ending.
GIVES_WAY = ("\u094d", "\u0bcd", "\u0c4d", "\u0ccd", "\u0d4d", "\u0d02")
_SHORTEST_STEM = 4


def _stem(phrase: str) -> str:
    return phrase[:-1] if phrase.endswith(GIVES_WAY) and len(phrase) > _SHORTEST_STEM else phrase


def _ends(text: str, end: int) -> bool:
    """A word ends here; one plural s is allowed."""
    rest = text[end : end + 2]
    return not rest or rest[0] == " " or rest in ("s", "s ")


class Phrases:
    """Whole words only: names a whole message, or the pieces that cover it."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self.whole: dict[str, str] = {}
        for phrase, key in phrases:
            self.whole.setdefault(phrase, key)
        # How many words the longest phrase has that begins with a word.
        self._longest: dict[str, int] = {}
        for phrase in self.whole:
            head, size = phrase.partition(" ")[0], phrase.count(" ") + 1
            self._longest[head] = max(size, self._longest.get(head, 1))
        self._squeezed = _squeezed(self.whole)

    def exactly(self, text: str) -> str:
        """What the whole text means, or nothing."""
        key = self.whole.get(text, "")
        return key or (self._squeezed.get(squeeze(text), "") if text.isascii() else "")

    def cover(self, words: list[str]) -> list[tuple[str, int]]:
        """(meaning, how many words) from left to right; an unknown word has no meaning."""
        pieces: list[tuple[str, int]] = []
        at = 0
        while at < len(words):
            key, length = self._piece(words, at)
            pieces.append((key, length))
            at += length
        return pieces

    def _piece(self, words: list[str], at: int) -> tuple[str, int]:
        longest = min(self._longest.get(words[at], 0), len(words) - at)
        for size in range(longest, 0, -1):
            if key := self.whole.get(" ".join(words[at : at + size])):
                return key, size
        word = words[at]
        return (self._squeezed.get(squeeze(word), "") if word.isascii() else ""), 1


def _squeezed(whole: dict[str, str]) -> dict[str, str]:
    """Squeezed Latin spellings that can mean one thing only."""
    keys: dict[str, set[str]] = {}
    for phrase, key in whole.items():
        # 'je' may be anything.
        if phrase.isascii() and len(squeeze(phrase)) >= SHORTEST_SQUEEZED:
            keys.setdefault(squeeze(phrase), set()).add(key)
    return {phrase: min(found) for phrase, found in keys.items() if len(found) == 1}


@cache
def everywhere(name: str) -> Stems:
    """The stems of a section in all languages at once."""
    listed = section(name)
    return Stems((w, key) for key, per in listed.items() for ws in per.values() for w in ws)


@cache
def stems(name: str, lang: str) -> Stems:
    """The stems of a section with one language first."""
    return Stems(entries(name, lang))


@cache
def phrases(lang: str, *names: str) -> Phrases:
    """The phrases of one or more sections; an earlier section wins."""
    return Phrases(pair for name in names for pair in entries(name, lang))
