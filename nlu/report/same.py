"""Whether a name on a paper is the patient's, over scripts, spellings, initials and marriages."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from rapidfuzz.fuzz import ratio

from nlu.components.latin import latin
from nlu.data import spoken
from nlu.normalise import normalise
from nlu.report.find import labels

Answer = Literal["yes", "no", "unsure"]

# From 0 to 100: above one, spellings or slips of one name; below the other, other names.
SAME, SAME_SHORT, OTHER = 80.0, 88.0, 58.0
# MEENAKSHISUNDARAM, Meenakshi Sundaram.
JOINED = 90.0
# Two names with the same consonants may differ so much in vowels.
SAME_BONES = 68.0
SHORT, LEAST = 4, 3
# Half of India has one of these beside the name; alone they say nothing about who it is.
COMMON = frozenset(
    "devi kumari kumar kumaar bai begum bibi khatun khatoon kaur singh lal ram rani ben behn bhai"
    " bano ammal amma prasad chand nath md mohd mohammad mohammed muhammad sk sheikh shaikh".split()
)
_BABY = re.compile(r"\b(?:baby|b/o|baby of)\b", re.IGNORECASE)
_FOLDS = (
    ("sh", "s"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("kh", "k"), ("gh", "g"), ("jh", "j"),
    ("ch", "c"), ("w", "v"), ("ph", "p"), ("f", "p"), ("z", "j"), ("y", "i"), ("ck", "k"),
    ("q", "k"), ("ou", "u"), ("ai", "e"), ("ei", "e"), ("au", "o"), ("mb", "m"), ("x", "ks"),
)  # fmt: skip
# Tamil writes one letter for several sounds.
_TAMIL = str.maketrans("gdbjc", "ktpss")


class Names(Struct, frozen=True):
    """The words of a name as they sound, and the letters that stand for others."""

    words: tuple[str, ...]
    initials: tuple[str, ...]


def same_person(printed: str, told: str) -> Answer:
    """Whether a printed name is that of somebody told of; "no" only where it is surely not."""
    tamil = _is_tamil(printed + told)
    ours, theirs = _names(printed, tamil), _names(told, tamil)
    if (
        not ours.words
        or not theirs.words
        or bool(_BABY.search(printed)) != bool(_BABY.search(told))
    ):
        return "unsure"
    apart = len(ours.words) != len(theirs.words)
    if apart and ratio("".join(ours.words), "".join(theirs.words)) >= JOINED:
        return "yes"
    return _compared(ours, theirs)


def _compared(ours: Names, theirs: Names) -> Answer:
    pairs = _pairs(ours.words, theirs.words)
    left = [word for at, word in enumerate(ours.words) if at not in dict(pairs)]
    right = [word for at, word in enumerate(theirs.words) if at not in dict(pairs).values()]
    telling = [at for at, _ in pairs if ours.words[at] not in COMMON]
    left, right = _without_initials(left, theirs), _without_initials(right, ours)
    if telling and (not left or not right):
        return "yes"
    given = any(at == 0 or other == 0 for at, other in pairs if at in telling)
    return "unsure" if given or _near(left, right) or not _both(left, right) else "no"


def _pairs(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Which word of one is which of the other, the likest first."""
    found: list[tuple[int, int]] = []
    every = [(ratio(a, b), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs)]
    for _, at, other in sorted(every, reverse=True):
        free = all(at != i and other != j for i, j in found)
        if free and _alike(ours[at], theirs[other]):
            found.append((at, other))
    return found


def _without_initials(words: Sequence[str], other: Names) -> list[str]:
    """The words for which the other name has no initial."""
    left = list(other.initials)
    kept = []
    for word in words:
        if word[0] in left:
            left.remove(word[0])
        else:
            kept.append(word)
    return kept


def _both(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether words remain on both sides that could tell two people apart."""
    return all(
        any(len(word) >= LEAST and word not in COMMON for word in words) for words in (left, right)
    )


def _near(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether some of what remains may still be one name, badly read or written otherwise."""
    return any(
        ratio(a, b) >= OTHER or a.startswith(b) or b.startswith(a) or _bones(a) == _bones(b)
        for a in left
        for b in right
    )


def _alike(one: str, other: str) -> bool:
    likeness = ratio(one, other)
    if min(len(one), len(other)) <= SHORT:
        return likeness >= SAME_SHORT
    bones = len(_bones(one)) >= LEAST and _bones(one) == _bones(other)
    return likeness >= SAME or (bones and likeness >= SAME_BONES)


def _bones(word: str) -> str:
    return re.sub(r"[aeiou]", "", word)


def _names(text: str, tamil: bool) -> Names:
    bare = _untitled("".join(each if _is_letter(each) else " " for each in _plain(text)).split())
    sounds = [_sound(word, tamil) for word in bare]
    words = tuple(sound for sound in sounds if len(sound) > 1)
    return Names(words, tuple(sound for sound in sounds if len(sound) == 1))


def _is_letter(char: str) -> bool:
    """Letters and the signs of Indic vowels."""
    return unicodedata.category(char)[0] in "LM"


def _plain(text: str) -> str:
    """The name without what a paper adds: a relation and all after it."""
    if found := labels("relation").search(text, 1):
        text = text[: found.start()]
    return text


def _untitled(words: Sequence[str]) -> list[str]:
    """Without titles before a name and respect after it, as long as a name remains."""
    known = spoken("honorifics")
    kept = list(words)
    while len(kept) > 1 and _title(kept[0], known):
        kept.pop(0)
    while len(kept) > 1 and kept[-1].casefold() in ("ji", "saheb", "sahab", "garu", "जी", "sir"):
        kept.pop()
    return kept


def _title(word: str, known: frozenset[str]) -> bool:
    return bool(labels("honorific").fullmatch(word)) or normalise(word) in known or word == "of"


def _sound(word: str, tamil: bool) -> str:
    """A word in rough Latin letters, spellings of one sound alike."""
    said = re.sub(r"[^a-z]", "", latin(word.casefold()))
    for written, sound in _FOLDS:
        said = said.replace(written, sound)
    if tamil:
        said = said.translate(_TAMIL)
    said = re.sub(r"(.)\1+", r"\1", said)
    return said.removesuffix("a") if len(said) > SHORT else said


def _is_tamil(text: str) -> bool:
    return any("\u0b80" <= char <= "\u0bff" for char in text)
