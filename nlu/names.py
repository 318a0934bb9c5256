"""Reads a name or a place as it is written, without its honorific."""

import re
import unicodedata
from functools import cache

from nlu.data import entries, spoken
from nlu.index import phrases
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import normalise
from nlu.places import town_in

_MOST_WORDS = 6
# A name or a town of so many words may be something else that was said.
_WORDY = 3
# So many words about a home are a sentence, and no bare answer.
_SENTENCE = 4
_STEM = 4
_FRAME = re.compile(
    r"^(?:(?:my|her|his|the)?\s*(?:patient'?s?|mother'?s?|father'?s?)?\s*(?:full\s+)?name\s*(?:is|:)\s*"
    r"|(?:the\s+)?patient\s+(?:is|:)\s*(?:called\s+)?|i\s*am\s+|i'?m\s+|this\s+is\s+|(?:mera|meri|unka|patient\s+ka|maa\s+ka)?\s*naam\s+"
    r"|(?:मेरा|मेरी|उनका|उनकी|मरीज़\s+का|मरीज\s+का)?\s*नाम\s+)",
    re.IGNORECASE,
)
_END = re.compile(r"(?:\s+(?:hai|है|hain|हैं|from|se|से|mein|में))+\s*[.।]?$", re.IGNORECASE)
_BAD = re.compile(r"[0-9०-९০-৯௦-௯@#<>{}\[\]=?؟_/\\]|https?:")


def name(text: str, lang: str) -> Meaning:
    """A person's name in its own script."""
    told = _within(text.strip(), "frame_name", lang)
    shown = _bare(told)
    if not shown or not _looks_like_words(shown, lang):
        return Unclear()
    words = [word for word in shown.split() if normalise(word) not in spoken("honorifics")]
    kept = _without_courtesy(" ".join(words).strip(" .,"))
    weak = len(words) >= _WORDY
    return Answer(kept, "name", weak) if len(kept) >= 2 else Unclear()


def _without_courtesy(shown: str) -> str:
    """A name without the ending that is respect for whoever is told it: முத்துங்க."""
    endings = spoken("courtesy_endings", "name")
    found = next((end for end in endings if shown.endswith(end)), "")
    return shown.removesuffix(found) if len(shown) - len(found) >= _STEM else shown


def city(text: str, lang: str) -> Meaning:
    """A city or district, with its state where it is said."""
    shown = _bare(
        re.sub(
            r"^(?:we|i)\s+(?:are|am|live)\s+(?:from|in)\s+|^from\s+", "", text.strip(), flags=re.I
        )
    )
    shown = _within(shown, "frame_home", lang)
    if known := _known_town(text, shown, lang):
        return Answer(known, "city")
    weak = len(shown.split()) >= _WORDY and not town_in(shown)
    return Answer(shown, "city", weak) if _looks_like_words(shown, lang) else Unclear()


def _known_town(text: str, shown: str, lang: str) -> str:
    """The one known town inside a sentence, without the ending that the sentence gave it.

    A bare answer ('Bathinda, Punjab') stays as it is.
    """
    town = town_in(text)
    if not town or ("," in shown and normalise(shown) == normalise(text)):
        return ""
    alone = normalise(shown).startswith(normalise(town)) and len(shown.split()) == 1
    sentence = normalise(shown) != normalise(text) or len(text.split()) >= _SENTENCE
    return town if alone or sentence or _only_around(town, shown, lang) else ""


def _only_around(town: str, shown: str, lang: str) -> bool:
    """Whether all words beside a town are such as stand around one."""
    around = _words("frame_around", lang) | _words("frame_home", lang) | _words("polite", lang)
    # Scripts of India glue endings to them.
    stems = tuple(word for word in around if len(word) >= _STEM and not word.isascii())
    plain = [normalise(word) for word in shown.split()]
    beside = [word for word in plain if not word.startswith(normalise(town))]
    return all(word in around or word.startswith(stems) or len(word) <= 2 for word in beside)


@cache
def _words(section_name: str, lang: str) -> frozenset[str]:
    return frozenset(phrase for phrase, _ in entries(section_name, lang))


def _within(shown: str, told: str, lang: str) -> str:
    """The words inside a sentence that tells a name or a home; others stay as they are."""
    words, tells, around = shown.split(), _words(told, lang), _words("frame_around", lang)
    plain = [normalise(word) for word in words]
    told_at = [at for at, word in enumerate(plain) if word in tells]
    if not told_at:
        return shown
    # 'My name is Ravi' and 'Ravi is my name': what follows the word counts first.
    for part in (*(range(at + 1, len(words)) for at in told_at), range(told_at[-1])):
        inside = [n for n in part if plain[n] and plain[n] not in tells | around]
        if inside:
            return " ".join(words[inside[0] : inside[-1] + 1]).strip(" .,।:-")
    return shown


def _bare(text: str) -> str:
    shown = _END.sub("", _FRAME.sub("", text.strip(), count=1)).strip(" .।,!-")
    return " ".join(shown.split())


def _looks_like_words(shown: str, lang: str) -> bool:
    words = shown.split()
    if not 0 < len(words) <= _MOST_WORDS or _BAD.search(shown) or len(shown) > 100:
        return False
    letters = [char for char in shown if unicodedata.category(char)[0] in "LM"]
    if len(letters) < 2 or any(unicodedata.category(char) == "So" for char in shown):
        return False
    return not _says_something_else(shown, lang)


def _says_something_else(shown: str, lang: str) -> bool:
    pieces = phrases(lang, "answers", "polite", "questions").cover(normalise(shown).split())
    return bool(pieces) and all(key for key, _ in pieces)
