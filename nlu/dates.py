"""Reads a date, day first, no finer than it was said; anything doubtful is unclear."""

import re
from datetime import date

from nlu.date_words import date_words, keys_of, numbers_of
from nlu.index import everywhere
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, digits
from nlu.relative_dates import EARLIEST, checked, in_passing, relative

_ISO = re.compile(
    r"(?<!\d)(\d{4})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?(?!\d|\s*[-/.]\s*\d)"
)
_DAY_FIRST = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?![\d/])"
)
_MONTH_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2})\s*[-/.]\s*(\d{4})(?![\d/])")
# Month names that are also ordinary words count only beside a number.
_COMMON = frozenset({"may", "mar", "march", "mai", "sep", "dec", "jun", "jan", "mas"})


def full_date(text: str, lang: str, today: date) -> date | None:
    """A complete past date, as a birth date must be."""
    found = said_date(text, lang, today)
    if found and len(found) == 10 and not keys_of(date_words(text), lang):
        return date.fromisoformat(found)
    return None


def past_date(text: str, lang: str, today: date) -> Meaning:
    """A date that is over: YYYY-MM-DD, YYYY-MM or YYYY."""
    found = said_date(text, lang, today)
    if not found or not _started(found, today):
        return Unclear()
    return Answer(found, "date", weak=in_passing(date_words(text), lang))


def future_date(text: str, lang: str, today: date) -> Meaning:
    """A planned date: not before today."""
    found = said_date(text, lang, today, ahead=True)
    if not found or found < today.isoformat()[: len(found)]:
        return Unclear()
    return Answer(found, "future_date")


def _started(found: str, today: date) -> bool:
    return found <= today.isoformat()[: len(found)] and int(found[:4]) >= EARLIEST


def said_date(text: str, lang: str, today: date, ahead: bool = False) -> str:
    """The one date that a text names, or nothing."""
    if asked(text):
        return ""
    words = date_words(text)
    keys = keys_of(words, lang)
    if keys & {"vague", "festival", "half"} or (keys & {"next", "tomorrow"} and not ahead):
        return ""
    if numeric := _numeric(text):
        return numeric if not _others(text, words, keys) else ""
    months = {hit.key for hit in everywhere("months").longest(words)}
    if months:
        return _with_month(words, months, keys, lang, today)
    return relative(words, keys, lang, today, ahead)


def _others(text: str, words: str, keys: set[str]) -> bool:
    """A second date, a month name or a relative word beside a numeric date."""
    numbers = re.findall(r"\d+", digits(text))
    beside = keys - {"ago", "days", "months", "years"} or len(numbers) > 3
    named = {hit.phrase for hit in everywhere("months").longest(words)} - _COMMON
    return bool(beside) or bool(named)


def _numeric(text: str) -> str:
    plain = digits(text)
    if match := _ISO.search(plain):
        return checked(match[1], match[2], match[3])
    if match := _DAY_FIRST.search(plain):
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        return checked(year, match[2], match[1])
    if match := _MONTH_YEAR.search(plain):
        return checked(match[2], match[1], None)
    return ""


def _with_month(words: str, months: set[str], keys: set[str], lang: str, today: date) -> str:
    """'5 March 2024', 'March 2024', 'March last year'; a month without a year is unclear."""
    numbers = numbers_of(words, lang)
    # The word for May or March may also have been read as something else; only digits count.
    numbers = [int(w) for w in words.split() if w.isdecimal()] or numbers
    years = [n for n in numbers if n >= EARLIEST]
    days = [n for n in numbers if n < EARLIEST]
    if len(months) != 1 or len(years) > 1 or len(days) > 1:
        return ""
    if not years and len(relative := keys & {"last_year", "this_year"}) == 1:
        years = [today.year - (relative == {"last_year"})]
    if not years or keys & {"ago", "last_month", "yesterday", "today"}:
        return ""
    return checked(str(years[0]), months.pop(), str(days[0]) if days else None)
