"""Questions about treatment, medicine, food or how long somebody lives: seen, never answered."""

from nlu.index import stems
from nlu.normalise import asked


def _asks(words: str, lang: str) -> bool:
    return any(stems(name, lang).first(words) for name in ("questions", "advice_ask"))


def asks_advice(text: str, words: str, lang: str) -> bool:
    """A medical topic in a question, or a phrase that is always one."""
    topics = {hit.key for hit in stems("advice", lang).hits(words)}
    if "always" in topics:
        return True
    if "topic" not in topics or len(words.split()) < 2:
        return False
    return _asks(words, lang) or _question_mark(text, words)


def _question_mark(text: str, words: str) -> bool:
    return asked(text) and len(words.split()) >= 3
