"""English as it is thumbed: 'pls tel agn i dint undrstnd ur qstn' spelled out."""

from functools import cache

from nlu.data import section
from nlu.normalise import normalise


@cache
def _full() -> dict[str, str]:
    """Each short spelling and its word."""
    listed = section("sms")
    return {short: word for word, per in listed.items() for ws in per.values() for short in ws}


def spelled_out(text: str) -> str:
    """The text with its short spellings written in full; other words and signs stay."""
    words = [_full().get(normalise(word), word) for word in text.split()]
    return " ".join(words)
