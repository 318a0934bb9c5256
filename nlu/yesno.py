"""Reads yes and no; never guesses, and for consent needs every word to agree."""

from nlu.index import phrases
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import normalise

_MARKS = "?؟？"
_MOST_EXTRA = 4


def _keys(words: list[str], lang: str) -> list[tuple[str, int]]:
    return phrases(lang, "answers", "polite", "questions").cover(words)


def decided(text: str, lang: str, strict: bool) -> str:
    """yes, no, unknown (said not to know) or nothing."""
    words = normalise(text)
    if not words or any(mark in text for mark in _MARKS):
        return _thumb(text) if not words and not strict else ""
    exact = phrases(lang, "answers").exactly(words)
    if exact in ("yes", "no", "unknown"):
        return exact
    pieces = _keys(words.split(), lang)
    return _weighed(pieces, strict)


def _weighed(pieces: list[tuple[str, int]], strict: bool) -> str:
    said = {key for key, _ in pieces} - {"", "filler"}
    if "unknown" in said and not said & {"word", "yes"}:
        return "unknown"
    if said not in ({"yes"}, {"no"}):
        return ""
    extra = sum(count for key, count in pieces if not key)
    verdict = said.pop()
    if not extra:
        return verdict
    leads = pieces[0][0] == verdict and extra <= _MOST_EXTRA
    return verdict if leads and not (strict and verdict == "yes") else ""


def _thumb(text: str) -> str:
    up, down = "👍" in text or "✅" in text, "👎" in text or "❌" in text
    return ("yes" if up else "no") if up != down else ""


def yesno(text: str, lang: str, strict: bool = False) -> Meaning:
    """yes or no; `strict` is for consent."""
    verdict = decided(text, lang, strict)
    kind = "consent" if strict else "yesno"
    return Answer(verdict, kind) if verdict in ("yes", "no") else Unclear()
