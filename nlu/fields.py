"""Which answer somebody speaks of changing: 'the age is wrong', 'naam galat hai'."""

from nlu.index import stems
from nlu.normalise import normalise


def field_named(text: str, lang: str) -> str:
    """name, age, home, phone, sex, date or cancer, where just one is named; else nothing."""
    found = {hit.key for hit in stems("fields", lang).hits(normalise(text))}
    return found.pop() if len(found) == 1 else ""
