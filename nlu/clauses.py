"""The parts of a message, and what is denied in them: 'breast ka nahi, lung ka'."""

import re
from collections.abc import Iterable
from functools import cache

from nlu.data import section, spoken
from nlu.index import Hit
from nlu.normalise import normalise

_BREAKS = re.compile(r"[,;.!।|\n،۔]+")
# So many words may stand between a name and the word that denies it.
_BETWEEN = 2


def clauses(text: str) -> list[str]:
    """The normalised parts between commas and full stops."""
    return [words for part in _BREAKS.split(text) if (words := normalise(part))]


@cache
def _deniers(side: str, lang: str) -> frozenset[str]:
    listed = section("denials")[side]
    # Latin words of other languages mean other things ('na' is Telugu for mine); scripts do not.
    codes = [c for c in listed if not c.startswith("rom_") or c == f"rom_{lang}"]
    return frozenset(word for code in codes for word in listed[code])


def undenied(words: str, hits: Iterable[Hit], lang: str) -> list[Hit]:
    """The hits of one clause that no word beside them denies, in their order."""
    found, kept = sorted(hits), []
    named = [hit for hit in found if hit.phrase not in _deniers("before", lang)]
    for hit in found:
        earlier = max((other.end for other in named if other.end <= hit.start), default=0)
        led, tail = words[earlier : hit.start].split(), words[hit.end :].split()
        if not _denied(led, tail, lang):
            kept.append(hit)
    return kept


def _denied(led: list[str], tail: list[str], lang: str) -> bool:
    # The rest of a word with a glued ending counts as a word between.
    after, before = _deniers("after", lang), _deniers("before", lang)
    return bool(after & set(tail[: _BETWEEN + 1]) or before & set(led[-_BETWEEN:]))


# Verbs of the south and east that end in their own denial.
_DENYING = (
    "లేదు", "లేదండి", "లేదండీ", "లేదే", "లేను", "ಲಿಲ್ಲ", "ವಲ್ಲ", "ಿಲ್ಲ", "ലില്ല", "വില്ല", "ില്ല",
    "മില്ല", "லை", "லைங்க", "லீங்க", "இல்ல", "நி", "নি", "ନି", "ନାହାନ୍ତି",
    "ledu", "ledandi", "lilla", "villa", "illa", "alai", "nahi", "bini",
)  # fmt: skip


def ends_in_denial(words: str) -> bool:
    """Whether a word of a normalised text is a verb that denies itself."""
    return any(word.endswith(_DENYING) and len(word) > _BETWEEN + 1 for word in words.split())


def denies(words: str, lang: str) -> bool:
    """Whether anything is denied in a normalised text."""
    said = set(words.split())
    return bool(said & (_deniers("after", lang) | _deniers("before", lang)))


def sets_condition(words: str) -> bool:
    """Whether a normalised text ends as a condition: 'if he has no objection'."""
    return words.endswith(tuple(spoken("conditions", "ending")))
