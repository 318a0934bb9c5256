"""Reads one or more rows of a list: by number, by its own words, or by known words."""

import re
from functools import cache

from nlu.clauses import denies, ends_in_denial
from nlu.data import LANGUAGES, spoken
from nlu.index import everywhere
from nlu.meaning import Answer, Context, Meaning, Unclear
from nlu.normalise import asked, normalise
from nlu.row_numbers import numbered, staged, values_of
from nlu.rows import finder, named, rows_in
from nlu.yesno import decided

# More words than these beside a row may be about something else.
_BESIDE = 4
_UNKNOWN = ("unknown", "not_sure", "unsure")


@cache
def _joints() -> re.Pattern[str]:
    """What stands between two rows: a comma, 'and'."""
    words = [re.escape(word) for word in sorted(spoken("joining"))]
    return re.compile("|".join(["[,;/+&\\n]", *(rf"\b{w}\b" if w.isascii() else w for w in words)]))


def choice(text: str, context: Context, lang: str, kind: str = "choice") -> Meaning:
    """One id of the rows, or unclear."""
    if asked(text):
        return Unclear()
    found = row_of(text, context, lang)
    return Answer(found, kind, weak=_wordy(text, context, lang)) if found else Unclear()


def _wordy(text: str, context: Context, lang: str) -> bool:
    """Whether so much is said beside the row that it may be something else altogether."""
    said = normalise(text)
    hits = finder(context.ids, context.labels, lang).longest(said)
    # What only a mended word names is not sure either.
    if not hits and any(char.isalpha() for char in said) and len(said.split()) > 1:
        return True
    return len(said.split()) - sum(hit.phrase.count(" ") + 1 for hit in hits) > _BESIDE


def row_of(text: str, context: Context, lang: str) -> str:
    """The one row that a text names."""
    words = normalise(text)
    if not words:
        return ""
    return (
        _labelled(words, context)
        or staged(words, context, lang)
        or _decided(text, context, lang)
        or _untold(words, context, lang)
        or numbered(words, context, lang)
        or named(text, context, lang)
    )


def _labelled(words: str, context: Context) -> str:
    rows = [
        r
        for r, label in zip(context.ids, context.labels, strict=False)
        if normalise(label) == words
    ]
    named = [row for row in context.ids if normalise(row.replace("_", " ")) == words]
    # 'hi' is a greeting and 'or' a word: a language is chosen by its name.
    rows = rows or [row for row in named if row not in LANGUAGES]
    # A bare digit may be a row or a stage called so: settled below.
    return rows[0] if len(rows) == 1 and not words.isdecimal() else ""


def _decided(text: str, context: Context, lang: str) -> str:
    """Rows called yes, no or unknown are answered as such questions are."""
    said = decided(text, lang, strict=False)
    if said in ("yes", "no") and said in context.ids:
        return said
    if said == "unknown":
        return next((row for row in _UNKNOWN if row in context.ids), "")
    return ""


def _untold(words: str, context: Context, lang: str) -> str:
    """'Which stage, nobody told us': a stage, no number, and something denied."""
    if (
        "unknown" not in context.ids
        or not everywhere("stage").first(words)
        or values_of(words, lang)
    ):
        return ""
    return "unknown" if denies(words, lang) or ends_in_denial(words) else ""


def choices(text: str, context: Context, lang: str) -> Meaning:
    """Several ids: '1, 3', 'surgery and chemo'; `done` or `none` alone."""
    if asked(text):
        return Unclear()
    found = set(_many(text, context, lang))
    rows = [row for row in context.ids if row in found]
    return Answer(rows, "choices") if rows else Unclear()


def _many(text: str, context: Context, lang: str) -> list[str]:
    whole = row_of(text, context, lang)
    parts = [part for part in _joints().split(text) if part and normalise(part)]
    if len(parts) < 2 and not whole and re.fullmatch(r"[\d\s]+", normalise(text)):
        parts = normalise(text).split()
    rows = [row_of(part, context, lang) for part in parts]
    if len(parts) > 1 and all(rows):
        # 'Chemo yes, no operation': what was not done says nothing beside what was.
        return list(dict.fromkeys(row for row in rows if row != "none")) or ["none"]
    return [whole] if whole else rows_in([normalise(part) for part in parts], context, lang)
