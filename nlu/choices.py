"""Reads one or more rows of a list: by number, by its own words, or by known words."""

import re
from functools import cache

from rapidfuzz import fuzz

from nlu.clauses import clauses, denies, ends_in_denial, undenied
from nlu.data import LANGUAGES, entries
from nlu.index import Hit, Phrases, Stems, everywhere, phrases
from nlu.meaning import Answer, Context, Meaning, Unclear
from nlu.normalise import asked, normalise, squeeze
from nlu.numbers import read
from nlu.spelling import Speller
from nlu.yesno import decided

_NEAR, _MARGIN, _SHORTEST = 88, 12, 5
_LIKE = {"other_relative": "relative", "not_sure": "not_sure"}
# More words than these beside a row may be about something else.
_BESIDE = 4
_UNKNOWN = ("unknown", "not_sure", "unsure")
_ROW = frozenset(
    "number no option row choice nos select press hash point nambar"
    " one wala wali vala vali wale jon ta ti gulo vadi vadhu"
    " वाला वाली वाले टा टी টা টি ওয়ালা వాడి ది वाला والا والی વાળો વાળી ਵਾਲਾ ਵਾਲੀ number_ नंबर नम्बर विकल्प नं"
    " ଟି নম্বর নম্বৰ నంబర్ ఎంపిక क्रमांक पर्याय எண் விருப்பம் નંબર વિકલ્પ نمبر ಸಂಖ್ಯೆ ନମ୍ବର"
    " നമ്പർ ਨੰਬਰ".split()
)
_SPLIT = re.compile(r"[,;/+&\n]|\band\b|\baur\b|और|ও|এবং|మరియు|आणि|மற்றும்|અને|اور|ಮತ್ತು|ଏବଂ|ഉം|ਅਤੇ|আৰু")


@cache
def _finder(ids: tuple[str, ...], labels: tuple[str, ...], lang: str) -> Stems:
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


@cache
def _ordinals(lang: str) -> Phrases:
    return phrases(lang, "ordinals")


def choice(text: str, context: Context, lang: str, kind: str = "choice") -> Meaning:
    """One id of the rows, or unclear."""
    if asked(text):
        return Unclear()
    found = row_of(text, context, lang)
    return Answer(found, kind, weak=_wordy(text, context, lang)) if found else Unclear()


def _wordy(text: str, context: Context, lang: str) -> bool:
    """Whether so much is said beside the row that it may be something else altogether."""
    said = normalise(text)
    hits = _finder(context.ids, context.labels, lang).longest(said)
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
        or _staged(words, context, lang)
        or _decided(text, context, lang)
        or _untold(words, context, lang)
        or _numbered(words, context, lang)
        or _named(text, context, lang)
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


def _staged(words: str, context: Context, lang: str) -> str:
    """'Stage 2', 'स्टेज दो', '3rd stage', 'stage IIB' where rows are stages."""
    numbered = {
        re.sub(r"\D", "", row): row for row in context.ids if re.fullmatch(r"(stage)?\d", row)
    }
    if not numbered or not everywhere("stage").first(re.sub(r"(?<=[a-z])(?=\d)", " ", words)):
        return ""
    said = set(_values(re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", words), lang, roman=True))
    return numbered.get(str(said.pop()), "") if len(said) == 1 else ""


_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def _values(words: str, lang: str, roman: bool = False) -> list[int]:
    out: list[int] = []
    for value, said in read(words.split(), lang):
        if isinstance(value, int):
            out.append(value)
        elif ordinal := _ordinals(lang).exactly(said):
            out.append(int(ordinal))
        elif roman and said.rstrip("abc") in _ROMAN:
            out.append(_ROMAN[said.rstrip("abc")])
    return out


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
    if "unknown" not in context.ids or not everywhere("stage").first(words) or _values(words, lang):
        return ""
    return "unknown" if denies(words, lang) or ends_in_denial(words) else ""


def _numbered(words: str, context: Context, lang: str) -> str:
    """The number of a row, where nothing else is said."""
    rest = [word for word in words.split() if not _is_row_word(word)]
    values = _values(" ".join(rest), lang)
    if len(values) != 1 or len(_unread(rest, lang)) > 0 or not 0 < values[0] <= len(context.ids):
        return ""
    row = context.ids[values[0] - 1]
    return "" if _clash(context, str(values[0]), row) else row


def _is_row_word(word: str) -> bool:
    """'Number', 'row' and the like; scripts of India glue endings to them."""
    glued = not word.isascii() and any(word.startswith(row) for row in _ROW if len(row) >= 4)
    return word in _ROW or glued


def _unread(words: list[str], lang: str) -> list[str]:
    filler = phrases(lang, "polite")
    plain = [v for v, _ in read(words, lang) if not isinstance(v, int)]
    return [w for w in map(str, plain) if not _ordinals(lang).exactly(w) and not filler.exactly(w)]


def _clash(context: Context, digit: str, row: str) -> bool:
    """The digit is also the name of another row: 'Stage 2' in the third place."""
    names = context.labels or tuple(r for r in context.ids if r.isdecimal())
    rows = [
        r for r, name in zip(context.ids, names, strict=False) if digit in re.findall(r"\d+", name)
    ]
    if not context.labels:
        rows = [r for r in context.ids if r == digit]
    return bool(rows) and row not in rows


def _named(text: str, context: Context, lang: str) -> str:
    rows = _rows_in(clauses(text), context, lang)
    if len(rows) == 1:
        return rows[0]
    words = normalise(text)
    return "" if rows or denies(words, lang) else _nearest(words, context, lang)


def _rows_in(said: list[str], context: Context, lang: str) -> list[str]:
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
    return [hit.key for hit in _finder(context.ids, context.labels, lang).longest(words)]


def _hits(said: list[str], context: Context, lang: str) -> list[Hit]:
    finder = _finder(context.ids, context.labels, lang)
    per_part = ((part, finder.longest(part)) for part in said)
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


def choices(text: str, context: Context, lang: str) -> Meaning:
    """Several ids: '1, 3', 'surgery and chemo'; `done` or `none` alone."""
    if asked(text):
        return Unclear()
    found = set(_many(text, context, lang))
    rows = [row for row in context.ids if row in found]
    return Answer(rows, "choices") if rows else Unclear()


def _many(text: str, context: Context, lang: str) -> list[str]:
    whole = row_of(text, context, lang)
    parts = [part for part in _SPLIT.split(text) if part and normalise(part)]
    if len(parts) < 2 and not whole and re.fullmatch(r"[\d\s]+", normalise(text)):
        parts = normalise(text).split()
    rows = [row_of(part, context, lang) for part in parts]
    if len(parts) > 1 and all(rows):
        # 'Chemo yes, no operation': what was not done says nothing beside what was.
        return list(dict.fromkeys(row for row in rows if row != "none")) or ["none"]
    return [whole] if whole else _rows_in([normalise(part) for part in parts], context, lang)
