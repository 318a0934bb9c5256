"""The number of a row, and the number of a stage."""

import re
from functools import cache

from nlu.data import spoken
from nlu.index import Phrases, everywhere, phrases
from nlu.meaning import Context
from nlu.numbers import read

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_LONG = 4


@cache
def _ordinals(lang: str) -> Phrases:
    return phrases(lang, "ordinals")


def staged(words: str, context: Context, lang: str) -> str:
    """'Stage 2', 'स्टेज दो', '3rd stage', 'stage IIB' where rows are stages."""
    numbered = {
        re.sub(r"\D", "", row): row for row in context.ids if re.fullmatch(r"(stage)?\d", row)
    }
    if not numbered or not everywhere("stage").first(re.sub(r"(?<=[a-z])(?=\d)", " ", words)):
        return ""
    said = set(
        values_of(re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", words), lang, roman=True)
    )
    return numbered.get(str(said.pop()), "") if len(said) == 1 else ""


def values_of(words: str, lang: str, roman: bool = False) -> list[int]:
    """Numbers and ordinals; `roman`: I to IV too."""
    out: list[int] = []
    for value, said in read(words.split(), lang):
        if isinstance(value, int):
            out.append(value)
        elif ordinal := _ordinals(lang).exactly(said):
            out.append(int(ordinal))
        elif roman and said.rstrip("abc") in _ROMAN:
            out.append(_ROMAN[said.rstrip("abc")])
    return out


def numbered(words: str, context: Context, lang: str) -> str:
    """The number of a row, where nothing else is said."""
    rest = [word for word in words.split() if not _is_row_word(word)]
    values = values_of(" ".join(rest), lang)
    if len(values) != 1 or len(_unread(rest, lang)) > 0 or not 0 < values[0] <= len(context.ids):
        return ""
    row = context.ids[values[0] - 1]
    return "" if _clash(context, str(values[0]), row) else row


def _is_row_word(word: str) -> bool:
    """'Number', 'row' and the like; scripts of India glue endings to them."""
    rows = spoken("row")
    return word in rows or (not word.isascii() and word.startswith(_long(rows)))


@cache
def _long(rows: frozenset[str]) -> tuple[str, ...]:
    return tuple(row for row in rows if len(row) >= _LONG)


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
