"""Questions about treatment, medicine, food or how long somebody lives: seen, never answered."""

from functools import cache

from nlu.data import section
from nlu.index import Stems, stems


@cache
def _asking() -> Stems:
    return Stems(
        (word, "ask")
        for name in ("questions", "advice_ask")
        for languages in section(name).values()
        for words in languages.values()
        for word in words
    )


def asks_advice(text: str, words: str, lang: str) -> bool:
    """A medical topic in a question, or a phrase that is always one."""
    topics = {hit.key for hit in stems("advice", lang).hits(words)}
    if "always" in topics:
        return True
    if "topic" not in topics or len(words.split()) < 2:
        return False
    return _asking().first(words) is not None or _question_mark(text, words)


def _question_mark(text: str, words: str) -> bool:
    return any(mark in text for mark in "?؟？") and len(words.split()) >= 3
