"""The words that name a row of a list: its label, the lexicon's words, or nearly one."""

from functools import cache

from rapidfuzz import fuzz

from nlu.clauses import clauses, denies, undenied
from nlu.data import LANGUAGES, entries
from nlu.index import Hit, Stems
from nlu.meaning import Context
from nlu.normalise import normalise, squeeze
from nlu.spelling import Speller

_NEAR, _MARGIN, _SHORTEST = 88, 12, 5
_LIKE = {"other_relative": "relative", "not_sure": "not_sure"}


@cache
def finder(ids: tuple[str, ...], labels: tuple[str, ...], lang: str) -> Stems:
    """Words that name a row: its label, its id, the lexicon's words for its id."""
    pairs: list[tuple[str, str]] = []
    for row, label in zip(ids, labels, strict=False):
        pairs.append((normalise(label), row))
    for row in ids:
        if row not in LANGUAGES:
            pairs.append((normalise(row.replace("_", " ")), row))
        pairs += [(phrase, row) for phrase in _words(row, lang)]
    return Stems((phrase, row) for phrase, row in pairs if phrase)


@cache
def _by_key(lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in ("choices", "sexes", "language_names", "papers"):
        for phrase, key in entries(name, lang):
            found.setdefault(key, []).append(phrase)
    return found


@cache
def _cancer_words(lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for phrase, key in entries("cancers", lang):
        found.setdefault(key, []).append(phrase)
    return found


def _words(row: str, lang: str) -> list[str]:
    key = _LIKE.get(row, row)
    return _by_key(lang).get(key, []) or _cancer_words(lang).get(key, [])


def named(text: str, context: Context, lang: str) -> str:
    rows = rows_in(clauses(text), context, lang)
    if len(rows) == 1:
        return rows[0]
    words = normalise(text)
    return "" if rows or denies(words, lang) else _nearest(words, context, lang)


def rows_in(said: list[str], context: Context, lang: str) -> list[str]:
    """The rows that the parts of a message name and do not deny."""
    if not (hits := _hits(said, context, lang)):
        mended = _speller(context.ids, context.labels, lang).mend
        hits = _hits([mended(part) for part in said if part.isascii()], context, lang)
    rows = dict.fromkeys(hit.key for hit in hits)
    # 'none' and 'other' say little beside a row that was named.
    for weak in ("none", "other", "self", "phone"):
        if len(rows) > 1 and weak in rows:
            rows.pop(weak)
    return list(rows)


def rows_named(words: str, context: Context, lang: str) -> list[str]:
    """All rows that a normalised text names, denied or not."""
    return [hit.key for hit in finder(context.ids, context.labels, lang).longest(words)]


def _hits(said: list[str], context: Context, lang: str) -> list[Hit]:
    words = finder(context.ids, context.labels, lang)
    per_part = ((part, words.longest(part)) for part in said)
    return [hit for part, hits in per_part for hit in _meant(part, hits, lang)]


def _meant(part: str, hits: list[Hit], lang: str) -> list[Hit]:
    """Denied rows go; a row that is itself a denial ('none', 'no') stays."""
    kept = undenied(part, hits, lang)
    return sorted(hit for hit in hits if hit in kept or hit.key in ("none", "no", "unknown"))


@cache
def _speller(ids: tuple[str, ...], labels: tuple[str, ...], lang: str) -> Speller:
    listed = [normalise(label) for label in labels] + [p for row in ids for p in _words(row, lang)]
    return Speller(w for p in listed for w in p.split() if w.isascii() and len(w) > 4)


def _nearest(words: str, context: Context, lang: str) -> str:
    """A misspelt word, when one row is close and every other far."""
    if len(words) < _SHORTEST or words.isdecimal():
        return ""
    best = {row: _closeness(words, row, context, lang) for row in context.ids}
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if (
        ranked
        and ranked[0][1] >= _NEAR
        and (len(ranked) < 2 or ranked[0][1] - ranked[1][1] >= _MARGIN)
    ):
        return ranked[0][0]
    return ""


def _closeness(words: str, row: str, context: Context, lang: str) -> float:
    said, known = squeeze(words), _squeezed(context.ids, context.labels, lang)[row]
    return max((fuzz.ratio(said, phrase) for phrase in known), default=0.0)


@cache
def _squeezed(ids: tuple[str, ...], labels: tuple[str, ...], lang: str) -> dict[str, list[str]]:
    """All words for each row, ready to be compared."""
    known = {row: list(_words(row, lang)) for row in ids}
    for row, label in zip(ids, labels, strict=False):
        known[row].append(normalise(label))
    return {
        row: [squeeze(phrase) for phrase in phrases if len(phrase) >= _SHORTEST]
        for row, phrases in known.items()
    }
