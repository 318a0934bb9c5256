"""A word's consonants, alike in every script: रिपोर्ट, report, رپورٹ and ரிப்போர்ட் are all `rprt`.

Indic blocks share the ISCII layout, so (code point - block base) identifies the letter in all of them.
"""

import re
import unicodedata

FIRST, LAST, BLOCK = 0x0900, 0x0D80, 0x80
INDIC = {  # offset in block -> latin class
    0x01: "n", 0x02: "n", 0x03: "h",
    0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "r", 0x0F: "e", 0x10: "e",
    0x0E: "e", 0x12: "o", 0x13: "o", 0x14: "o", 0x11: "o", 0x0D: "e",
    0x15: "k", 0x16: "k", 0x17: "g", 0x18: "g", 0x19: "n", 0x1A: "c", 0x1B: "c", 0x1C: "j", 0x1D: "j",
    0x1E: "n", 0x1F: "t", 0x20: "t", 0x21: "d", 0x22: "d", 0x23: "n", 0x24: "t", 0x25: "t", 0x26: "d",
    0x27: "d", 0x28: "n", 0x29: "n", 0x2A: "p", 0x2B: "p", 0x2C: "b", 0x2D: "b", 0x2E: "m", 0x2F: "y",
    0x30: "r", 0x31: "r", 0x32: "l", 0x33: "l", 0x34: "l", 0x35: "v", 0x36: "s", 0x37: "s", 0x38: "s",
    0x39: "h", 0x58: "k", 0x59: "k", 0x5A: "g", 0x5B: "j", 0x5C: "r", 0x5D: "r", 0x5E: "p", 0x5F: "y",
}
ARABIC = {
    "ا": "a", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ث": "s", "ج": "j", "چ": "c", "ح": "h",
    "خ": "k", "د": "d", "ڈ": "d", "ذ": "j", "ر": "r", "ڑ": "r", "ز": "j", "ژ": "j", "س": "s", "ش": "s",
    "ص": "s", "ض": "j", "ط": "t", "ظ": "j", "ع": "", "غ": "g", "ف": "p", "ق": "k", "ک": "k", "ك": "k",
    "گ": "g", "ل": "l", "م": "m", "ن": "n", "ں": "n", "و": "v", "ہ": "h", "ه": "h", "ھ": "", "ی": "y",
    "ي": "y", "ئ": "y", "ے": "y", "ؤ": "v", "ء": "", "ۃ": "t",
}
LATIN = [("chh", "c"), ("sh", "s"), ("ch", "c"), ("ph", "p"), ("th", "t"), ("dh", "d"), ("bh", "b"),
        ("kh", "k"), ("gh", "g"), ("jh", "j"), ("w", "v"), ("f", "p"), ("z", "j"), ("q", "k"), ("x", "ks"),
        ("ck", "k")]


def skeleton(word: str) -> str:
    """The consonants of a word; weak letters are written differently in each script."""
    latin = _latin("".join(_letter(char) for char in unicodedata.normalize("NFKD", word.casefold())))
    head, tail = latin[:1], latin[1:]
    if head in ("a", "e", "i", "o", "u"):
        head = "a"
    return re.sub(r"(.)\1+", r"\1", head + re.sub(r"[aeiouyvh]", "", tail))


def _letter(char: str) -> str:
    code = ord(char)
    if char.isascii() and char.isalpha():
        return char
    if FIRST <= code < LAST:
        return INDIC.get((code - FIRST) % BLOCK, "").upper()
    if char in ARABIC:
        return ARABIC[char].upper()
    return "0" if char.isdecimal() else ""


def _latin(letters: str) -> str:
    # Only what was Latin from the start is folded: `sh` of two Indic letters is two letters.
    for written, said in LATIN:
        letters = letters.replace(written, said)
    return letters.casefold()
