"""A word in rough Latin letters, alike in every script: रिपोर्ट, ரிப்போர்ட் and report come out close.

Indic blocks share the ISCII layout, so (code point - block base) identifies the letter in all of them.
"""

import re
import unicodedata

FIRST, LAST, BLOCK = 0x0900, 0x0D80, 0x80
SILENT, NASALS = 0x4D, (0x01, 0x02, 0x70)
# From 0x15 to 0x39, then the letters with a dot; an inherent `a` follows unless a sign takes its place.
CONSONANTS = dict(zip(range(0x15, 0x3A), (
    "k kh g gh n ch ch j j n t th d dh n t th d dh n n p f b bh m y r r l l zh v sh sh s h".split()
)))  # fmt: skip
CONSONANTS.update(zip(range(0x58, 0x60), "k kh g z r rh f y".split()))
SIGNS = {
    0x3E: "a", 0x3F: "i", 0x40: "i", 0x41: "u", 0x42: "u", 0x43: "ri", 0x45: "e", 0x46: "e", 0x47: "e",
    0x48: "ai", 0x49: "o", 0x4A: "o", 0x4B: "o", 0x4C: "au",
}  # fmt: skip
VOWELS = {
    0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0D: "e", 0x0E: "e",
    0x0F: "e", 0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au",
}  # fmt: skip
ARABIC = {
    "ا": "a", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h",
    "خ": "kh", "د": "d", "ڈ": "d", "ذ": "z", "ر": "r", "ڑ": "r", "ز": "z", "ژ": "z", "س": "s", "ش": "sh",
    "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "g", "ف": "f", "ق": "k", "ک": "k", "ك": "k",
    "گ": "g", "ل": "l", "م": "m", "ن": "n", "ں": "n", "و": "o", "ہ": "h", "ه": "h", "ھ": "h", "ی": "i",
    "ي": "i", "ئ": "", "ے": "e", "ؤ": "o", "ء": "",
}  # fmt: skip
# Spellings of one sound that people choose between when they type Latin letters.
SAME = [("aa", "a"), ("ee", "i"), ("oo", "u"), ("w", "v"), ("ph", "f"), ("z", "j"), ("x", "ks"), ("chh", "ch")]  # fmt: skip


def latin(word: str) -> str:
    """The word as somebody might type it in Latin letters, without doubled ones."""
    letters, pending = [], False
    for char in unicodedata.normalize("NFC", word):
        letter, pending = _letter(char, pending)
        letters.append(letter)
    said = "".join(letters)
    for written, sound in SAME:
        said = said.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", said)


def _letter(char: str, pending: bool) -> "tuple[str, bool]":
    """Its Latin letters, and whether an inherent `a` may follow; `pending`: one may before."""
    code = ord(char)
    place = (code - FIRST) % BLOCK if FIRST <= code < LAST else -1
    if place == SILENT:
        return "", False
    if place in SIGNS:
        return SIGNS[place], False
    if place == 0x3C:
        return "", pending
    before = "a" if pending else ""
    if place in CONSONANTS:
        return before + CONSONANTS[place], True
    if place >= 0:
        return before + ("n" if place in NASALS else VOWELS.get(place, "")), False
    return before + ARABIC.get(char, char), False
