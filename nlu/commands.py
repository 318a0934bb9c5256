"""Requests that stand above every question: found as (nearly) the whole message."""

import re
from functools import cache

from nlu.advice import asks_advice
from nlu.data import entries
from nlu.index import Phrases, phrases, stems
from nlu.meaning import Command
from nlu.normalise import normalise
from nlu.spelling import Speller

# A missed one of these is far worse than asking again.
STRONG = frozenset({"human", "stop", "delete_data"})
_LONG = 14


@cache
def _whole(lang: str) -> Phrases:
    return phrases(lang, "command", "control", "edit_word")


@cache
def _with_filler(lang: str) -> Phrases:
    return phrases(lang, "command", "control", "edit_word", "polite")


@cache
def _names(lang: str) -> Phrases:
    return phrases(lang, "language_names", "language_frame", "polite")


@cache
def _speller(lang: str) -> Speller:
    spoken = {word for phrase, _ in entries("command", lang) for word in phrase.split()}
    names = {word for phrase, _ in entries("language_names", lang) for word in phrase.split()}
    return Speller(w for w in spoken | names if w.isascii() and len(w) >= 4)


def named_language(words: str, lang: str) -> str:
    """The code of a language that is all a message is about: 'tamil please'."""
    pieces = _names(lang).cover(words.split())
    named = {key for key, _ in pieces if key not in ("", "frame", "filler")}
    if len(named) == 1 and all(key for key, _ in pieces):
        return named.pop()
    return ""


def _covered(words: str, lang: str) -> str:
    """The one command that a message consists of, beside polite words."""
    pieces = _with_filler(lang).cover(words.split())
    if not all(key for key, _ in pieces):
        return ""
    said = [key for key, _ in pieces if key != "filler"]
    kinds = dict.fromkeys(said)
    for courtesy in ("thanks", "greet"):
        if len(kinds) > 1:
            kinds.pop(courtesy, None)
    if strong := [key for key in kinds if key in STRONG]:
        return strong[0]
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _inside(words: str, lang: str) -> str:
    found = {hit.key for hit in stems("inside", lang).hits(words)}
    for key in ("delete_data", "stop", "human"):
        if key in found:
            return key
    return found.pop() if len(found) == 1 else ""


def explicit(words: str, lang: str) -> Command | None:
    """Only what is the whole message: all that counts while a free text is asked for."""
    if key := _whole(lang).exactly(words) or _covered(words, lang):
        return Command(key)
    if code := named_language(words, lang):
        return Command("language", code)
    short = len(words.split()) <= _LONG
    inside = _inside(words, lang) if short else ""
    return Command(inside) if inside in STRONG else None


def _mended(words: str, lang: str) -> str:
    return _speller(lang).mend(words) if words.isascii() else words


def commands(text: str, lang: str) -> Command | None:
    """The command a message gives, or nothing."""
    words = normalise(text)
    if not words:
        return Command("help") if _ASKING.fullmatch(text.strip()) else None
    if found := explicit(words, lang):
        return found
    if inside := _inside(words, lang):
        return Command(inside)
    if asks_advice(text, words, lang):
        return Command("medical_advice")
    mended = _mended(words, lang)
    return explicit(mended, lang) if mended != words else None


_ASKING = re.compile(r"[?？؟]+")
