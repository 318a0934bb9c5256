"""Which answer somebody speaks of changing: 'the age is wrong', 'naam galat hai'."""

from functools import cache

from nlu.data import entries
from nlu.index import Stems
from nlu.normalise import normalise


@cache
def _fields(lang: str) -> Stems:
    return Stems(entries("fields", lang))


def field_named(text: str, lang: str) -> str:
    """name, age, home, phone, sex, date or cancer, where just one is named; else nothing."""
    found = {hit.key for hit in _fields(lang).hits(normalise(text))}
    return found.pop() if len(found) == 1 else ""
