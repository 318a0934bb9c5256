"""The words of a date: months, 'ago', 'last', 'came to know', and the numbers beside them."""

import re
from functools import cache

from nlu.data import section, spoken
from nlu.index import Stems, everywhere
from nlu.normalise import digits, normalise
from nlu.numbers import read
from nlu.spelling import Speller

_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_AGO_GLUED = re.compile(r"(?<=\S)(पूर्वी|poorvi|purvi)(?=\s|$)")
_SHORT_YEAR = re.compile(r"[’'‘`](\d{2})(?!\d)")


@cache
def _month_speller() -> Speller:
    names = (w for per in section("months").values() for ws in per.values() for w in ws)
    return Speller(word for word in names if word.isascii() and len(word) > 4)


@cache
def _date_words() -> frozenset[str]:
    """Words of dates that are no slip in the name of a month."""
    listed = section("relative").values()
    return frozenset(
        part for per in listed for ws in per.values() for w in ws for part in w.split()
    )


@cache
def word_stems(language: str) -> Stems:
    """Relative words; the chat's own language decides between two meanings."""
    groups = [section("relative"), section("dates")]
    ordered = [
        (word, key)
        for own in (True, False)
        for group in groups
        for key, languages in group.items()
        for code, words in languages.items()
        if (code in (language, "en")) is own and not key.endswith("_unit")
        for word in words
    ]
    return Stems(ordered)


def keys_of(words: str, lang: str) -> set[str]:
    """What the words of a date say: today, ago, months, vague, …"""
    return {hit.key for hit in word_stems(lang).longest(words)} - {"learned"}


def learned(words: str, lang: str) -> bool:
    """Whether it is said that something was found out: 'we came to know', 'pata chala'."""
    return any(hit.key == "learned" for hit in word_stems(lang).longest(words))


def date_words(text: str) -> str:
    """A normalised text, its numbers apart and the names of its months mended."""
    plain = _ORDINAL.sub(" th ", _SHORT_YEAR.sub(r" 20\1", digits(text)))
    apart = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", plain)
    said = normalise(apart).split()
    mended = (w if w in _date_words() else _month_speller().word(w) for w in said)
    # Marathi glues 'ago' to its months and years.
    return _AGO_GLUED.sub(r" \1", " ".join(mended))


def names_day(words: str, lang: str) -> bool:
    """Whether a normalised text speaks of a day: a month, a feast, last year, 'came to know'."""
    loose = {"vague", "ago", "next", "half"}
    month = everywhere("months").first(words) is not None
    return month or learned(words, lang) or bool(keys_of(words, lang) - loose)


def numbers_of(words: str, lang: str) -> list[int]:
    """The numbers of a text; 'do hazar chaubees' and 'twenty twenty four' are years."""
    out: list[int | str] = []
    for value, said in read(words.split(), lang):
        before = out[-1] if out else ""
        if value == 2000 and not said.isdecimal():
            out.append("thousand")
        elif said in spoken("thousand") and before == 2:
            out[-1] = "thousand"
        elif isinstance(value, int) and value < 100 and before in ("thousand", 20):
            out[-1] = 2000 + value
        else:
            out.append(value)
    # Two thousand and something that nobody could read is no year.
    out = [2000 if v == "thousand" and at == len(out) - 1 else v for at, v in enumerate(out)]
    return [] if "thousand" in out else [value for value in out if isinstance(value, int)]
