"""Dates and ages as Indian papers print them."""

from datetime import date, timedelta
from random import Random

FORMATS = [
    "%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%b-%Y", "%d %b %Y",
    "%d %B %Y", "%b %d, %Y", "%d/%b/%Y", "%Y-%m-%d",
]  # fmt: skip
NUMERIC = 4
AGES = ["{n} Years / {sex}", "{n} Y / {s}", "{n} yrs / {sex}", "{n}/{s}", "{n} Yr(s) {sex}"]
FIRST, LAST = date(2025, 5, 1), date(2026, 11, 20)


def a_day(rng: Random) -> date:
    """Some day of the last year and a half."""
    return FIRST + timedelta(days=rng.randrange((LAST - FIRST).days))


def written(day: date, pattern: str, digits: str = "") -> str:
    """The day in one format, in native digits if they are given."""
    text = day.strftime(pattern)
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def age_text(age: int, sex: str, rng: Random) -> str:
    """Age and sex in one of the usual forms."""
    word = {"F": "Female", "M": "Male"}[sex]
    return rng.choice(AGES).format(n=age, s=sex, sex=word)
