"""Reads a telephone number; India where no country code is given."""

import re

import phonenumbers

from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, digits, normalise
from nlu.numbers import read

_RUN = re.compile(r"(?:\+|00)?\d[\d\s().\-–—]{6,22}\d")


# Said as digits: an Indian number has ten, with its country code twelve.
_FEWEST = 10
_O = {"oh": "zero", "o": "zero", "shunya": "zero", "jiro": "zero"}


def numbers_in(text: str) -> list[str]:
    """Every valid number of a text as E.164."""
    found = [_valid(run.group()) for run in _RUN.finditer(digits(text))]
    return list(dict.fromkeys(number for number in found if number))


def _valid(run: str) -> str:
    plain = re.sub(r"[^\d+]", "", run)
    plain = "+" + plain[2:] if plain.startswith("00") else plain
    try:
        parsed = phonenumbers.parse(plain, "IN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone(text: str, lang: str = "en") -> Meaning:
    """One number, in digits or in words, or unclear."""
    if asked(text):
        return Unclear()
    runs = [run.group() for run in _RUN.finditer(digits(text))]
    found = numbers_in(text) if runs else _in_words(text, lang)
    return Answer(found[0], "phone") if len(found) == 1 and len(runs) < 2 else Unclear()


_TIMES = {
    "double": 2,
    "dabal": 2,
    "डबल": 2,
    "ডবল": 2,
    "டபுள்": 2,
    "డబుల్": 2,
    "triple": 3,
    "tripal": 3,
    "ट्रिपल": 3,
}


def _in_words(text: str, lang: str) -> list[str]:
    """'nine eight double zero …': what is said, digit by digit."""
    said, times = "", 1
    for value, word in read(_apart(normalise(text)), lang):
        if isinstance(value, int):
            said, times = said + str(value) * times, 1
        else:
            times = _TIMES.get(word, 1)
    number = _valid(said) if len(said) >= _FEWEST else ""
    return [number] if number else []


def _apart(words: str) -> list[str]:
    return [_O.get(word, word) for word in words.split()]
