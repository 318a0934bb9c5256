"""Words that mean danger: found in any language, whatever language the chat is in."""

import re
from functools import cache

from msgspec import Struct

from nlu.data import load, section
from nlu.index import Stems
from nlu.normalise import normalise
from nlu.spelling import Speller


class RedFlag(Struct, frozen=True):
    """A danger that was named and the fixed cards that answer it."""

    id: str
    cards: tuple[str, ...]


_YEAR = re.compile(r"\b(19|20)\d\d\b")
_NAMED = re.compile(r"[a-z]{5,}")


def _words(entry: object) -> list[str]:
    listed = entry["w"] if isinstance(entry, dict) else entry
    if isinstance(listed, str):
        return listed.split("|")
    return [str(word) for word in listed] if isinstance(listed, list) else []


@cache
def flags() -> dict[str, RedFlag]:
    """Every red flag by id."""
    listed = load("redflags.yml")["red_flags"]
    return {flag["id"]: RedFlag(flag["id"], tuple(flag["cards"])) for flag in listed}


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    listed = load("redflags.yml")["red_flags"]
    own = [
        (normalise(word), flag["id"])
        for flag in listed
        for entry in flag["phrases"].values()
        for word in _words(entry)
    ]
    more = [
        (word, key)
        for key, languages in section("alarms").items()
        for words in languages.values()
        for word in words
    ]
    return tuple(own + more)


@cache
def _stems() -> Stems:
    return Stems(_phrases())


@cache
def _speller() -> Speller:
    spoken = {word for phrase, _ in _phrases() for word in phrase.split() if word.isascii()}
    return Speller(word for word in spoken if len(word) >= 6)


@cache
def _together() -> tuple[tuple[str, tuple[Stems, ...]], ...]:
    """Groups of words that mean danger when one of each group is said."""
    groups = load("redflags.yml").get("together", [])
    return tuple(
        (entry["id"], tuple(Stems((normalise(w), "x") for w in g.split("|")) for g in entry["of"]))
        for entry in groups
    )


def _found(words: str) -> str:
    hits = {hit.key for hit in _stems().hits(words)}
    # Two dangers at once: the one that needs a person first.
    if hits:
        return "suicidal" if "suicidal" in hits else min(hits, key=list(flags()).index)
    for flag, groups in _together():
        if all(group.first(words) for group in groups):
            return flag
    return ""


def _past(words: str, told: bool) -> bool:
    """An old event told as history, with nothing that says it is happening now.

    'Fine now', 'does not happen any more' says that it is over. Where no story was asked
    for, only a time long gone or that it is over makes it history.
    """
    said = {key for key, lists in _tenses() if lists.first(words)}
    if _YEAR.search(words):
        said.add("long_ago")
    if "over" in said or {"now", "well"} <= said:
        return bool(said & {"past", "long_ago"})
    return "now" not in said and bool(said & ({"past", "long_ago"} if told else {"long_ago"}))


@cache
def _tenses() -> tuple[tuple[str, Stems], ...]:
    return tuple(
        (key, Stems((word, key) for words in languages.values() for word in words))
        for key, languages in section("tenses").items()
    )


def alarm(text: str, told: bool = False) -> RedFlag | None:
    """The danger a text names, unless it is long over. `told`: a free text, perhaps a story."""
    words = normalise(text)
    found = _found(words)
    if not found and _NAMED.search(words):
        mended = _speller().mend(words)
        found = _found(mended) if mended != words else ""
    if not found or (found != "suicidal" and _past(words, told)):
        return None
    return flags()[found]
