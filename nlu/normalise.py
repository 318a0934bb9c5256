"""One spelling for what people type: joiners, look-alikes, digits and punctuation go."""

import re
import unicodedata
from functools import lru_cache

_SAME = {
    "ँ": "ं", "ઁ": "ં", "ਁ": "ਂ",
    "ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۂ": "ہ", "ۀ": "ہ", "ھ": "ہ",
    "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و",
    # Assamese writes ৰ where Bengali writes র; people mix the keyboards.
    "ৰ": "র",
    "ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൿ": "ക്",
}  # fmt: skip
_NUKTA = "\u093c\u09bc\u0a3c\u0abc\u0b3c"
_NASAL = re.compile("ङ्(?=[कखगघ])|ञ्(?=[चछजझ])|ण्(?=[टठडढ])|न्(?=[तथदधस])|म्(?=[पफबभ])")
_NASAL_GU = re.compile("ઙ્(?=[કખગઘ])|ઞ્(?=[ચછજઝ])|ણ્(?=[ટઠડઢ])|ન્(?=[તથદધસ])|મ્(?=[પફબભ])")
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
_LONG_ENOUGH = 6
_SOUNDS = (
    ("ee", "i"), ("oo", "u"), ("chh", "ch"), ("dh", "t"), ("th", "t"), ("d", "t"), ("sh", "s"),
    ("ph", "f"), ("bh", "b"), ("gh", "g"), ("kh", "k"), ("jh", "j"), ("w", "v"), ("z", "j"),
    ("ck", "k"), ("q", "k"),
)  # fmt: skip
_REPEAT = re.compile(r"([a-z])\1+")


def is_word(char: str) -> bool:
    """Letters, marks and digits: Python's `\\w` leaves out Indic vowel signs."""
    return unicodedata.category(char)[0] in "LMN"


def _fold(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    # Apostrophes join (don't, ল'ব); joiners, harakat and nukta are spelling noise.
    if char in "'’‘ʼ`ـ" or category == "Cf" or char in _NUKTA or "\u064b" <= char <= "\u0652":
        return ""
    if category[0] == "M" and "\ufe00" <= char <= "\ufe0f":
        return ""
    return char if category[0] in "LMN" else " "


class _Table(dict[int, str]):
    """Works each code point out once."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


_TABLE = _Table()


class _Digits(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char
        self[code] = "" if unicodedata.category(char) == "Cf" else plain
        return self[code]


_DIGITS = _Digits()


def digits(text: str) -> str:
    """The text with native digits as ASCII, joiners and direction marks gone."""
    return unicodedata.normalize("NFKC", text).translate(_DIGITS)


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Words in one spelling with single spaces between; the form all phrases are kept in."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        # Casefolding can undo composition, and nukta letters must come apart.
        folded = unicodedata.normalize("NFKC", folded)
    out = " ".join(folded.translate(_TABLE).split())
    if out.isascii():
        return _LONG_RUN.sub(r"\1\1", out)
    return _NASAL_GU.sub("ં", _NASAL.sub("ं", _LONG_RUN.sub(r"\1\1", out)))


def squeeze(text: str) -> str:
    """Latin spellings of one sound alike: haaan, haan and han; mudinjidhu and mudinjithu.

    Only doubled letters in short words, where a letter more makes another word.
    """
    if len(text) >= _LONG_ENOUGH:
        for written, sound in _SOUNDS:
            text = text.replace(written, sound)
    return _REPEAT.sub(r"\1", text)


def is_latin(text: str) -> bool:
    """Whether a normalised text is written in plain Latin letters."""
    return text.isascii()


def asked(text: str) -> bool:
    """Whether a text has a question mark of any script."""
    return any(mark in text for mark in "?؟？")
