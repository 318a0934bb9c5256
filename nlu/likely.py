"""Which language somebody writes in Latin letters, and which ones to offer first."""

import math
from collections import Counter
from collections.abc import Iterator
from functools import cache

import phonenumbers

from nlu.data import LANGUAGES, sections
from nlu.normalise import normalise
from nlu.scripts import language_of

# Urdu and Hindi in Latin letters are one language.
ROMAN = tuple(code for code in LANGUAGES if code != "ur")
MOST = 7
_FEWEST_WORDS, _SURE, _HARDLY = 3, 4.0, 3.0
# Countries whose people write to us, and what they speak; within India numbers move with people.
_COUNTRIES = {
    "IN": ("hi", "en"), "BD": ("bn", "en"), "NP": ("hi", "en"), "PK": ("ur", "en"),
    "LK": ("ta", "en"), "AE": ("hi", "ml", "ur", "en"), "SA": ("ur", "ml", "hi", "en"),
    "QA": ("ml", "hi", "en"), "OM": ("ml", "hi", "en"), "KW": ("ml", "te", "hi", "en"),
    "MY": ("ta", "en"), "SG": ("ta", "en"), "GB": ("en", "gu", "pa"), "US": ("en", "gu", "te"),
}  # fmt: skip
# The most spoken ones, for whoever tells nothing about themselves.
_USUAL = ("hi", "en", "bn", "te", "mr", "ta", "gu")


def likely(text: str = "", hint: str = "", phone: str = "", name: str = "") -> tuple[str, ...]:
    """Seven languages, the likeliest first.

    By what was written, the profile's language (`hi-IN`), the country of the number and the
    script of the profile's name.
    """
    said = language_of(text) or romanised(text, fewest=2, margin=_HARDLY)
    profile = hint.replace("_", "-").partition("-")[0].lower()
    # A telephone in English says little in India.
    told = [said, profile if profile != "en" else "", language_of(name)]
    listed = (*told, *_of_country(phone), *_USUAL)
    return tuple(dict.fromkeys(code for code in listed if code in LANGUAGES))[:MOST]


def _of_country(phone: str) -> tuple[str, ...]:
    try:
        parsed = phonenumbers.parse(phone, "IN")
    except phonenumbers.NumberParseException:
        return ()
    return _COUNTRIES.get(phonenumbers.region_code_for_number(parsed) or "", ())


def romanised(text: str, fewest: int = _FEWEST_WORDS, margin: float = _SURE) -> str:
    """The language of a text in Latin letters where it is sure, or nothing."""
    words = [word for word in normalise(text).split() if word.isascii() and word.isalpha()]
    if len(words) < fewest:
        return ""
    scores = _scores(words)
    best, second = sorted(scores, key=lambda code: -scores[code])[:2]
    return best if scores[best] - scores[second] >= margin else ""


def _scores(words: list[str]) -> dict[str, float]:
    """Log-likelihood of words by language: naive Bayes over words and their letters."""
    totals, counts, known = _learned()
    scores = dict.fromkeys(ROMAN, 0.0)
    for feature in (f for word in words for f in _features(word)):
        for code in ROMAN:
            seen = counts[code][feature]
            scores[code] += math.log((seen + 0.5) / (totals[code] + 0.5 * known))
    return scores


def _features(word: str) -> Iterator[str]:
    padded = f" {word} "
    yield padded
    yield from (padded[at : at + 3] for at in range(len(padded) - 2))


@cache
def _learned() -> tuple[dict[str, int], dict[str, Counter[str]], int]:
    """How often each feature stands in the word lists of each language."""
    counts: dict[str, Counter[str]] = {code: Counter() for code in ROMAN}
    for language, phrase in _phrases():
        counts[language].update(f for word in phrase.split() for f in _features(word))
    totals = {code: sum(count.values()) for code, count in counts.items()}
    return totals, counts, len({feature for count in counts.values() for feature in count})


def _phrases() -> Iterator[tuple[str, str]]:
    for name in sections():
        for per in sections()[name].values():
            for code in ROMAN:
                yield from ((code, p) for p in per.get(f"rom_{code}", ()) if p.isascii())
            yield from (("en", p) for p in per.get("en", ()))
