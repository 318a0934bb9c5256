"""Reads a telephone number; India where no country code is given."""

import re

import phonenumbers

from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import digits

_RUN = re.compile(r"(?:\+|00)?\d[\d\s().\-–—]{6,22}\d")


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


def phone(text: str) -> Meaning:
    """One number, or unclear."""
    runs = [run.group() for run in _RUN.finditer(digits(text))]
    found = numbers_in(text)
    if len(found) != 1 or len(runs) != 1 or any(mark in text for mark in "?؟？"):
        return Unclear()
    return Answer(found[0], "phone")
