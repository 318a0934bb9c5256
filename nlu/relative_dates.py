"""Dates told by their distance from today: '3 months ago', 'last month, the 5th', 'tomorrow'."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

from nlu.data import spoken
from nlu.date_words import keys_of, learned, numbers_of, word_stems
from nlu.index import phrases
from nlu.numbers import read

EARLIEST, LONGEST_MONTH = 1900, 31
# More words around a bare year or "today" may speak of something else.
_MOST_WORDS, _FEW_WORDS = 6, 4
_DAYS = {"today", "yesterday", "before_yesterday"}
_UNITS = ("days", "weeks", "months", "years")


def relative(words: str, keys: set[str], lang: str, today: date, ahead: bool) -> str:
    """A date told from today, or nothing. `ahead`: a plan was asked for."""
    numbers = numbers_of(words, lang)
    if day := _named_day(words, lang):
        next_month = ahead and "next" in keys and _months_said(words)
        return _in_month(day, keys, today, next_month) if len(numbers) == 1 else ""
    if _told_after(words, lang):
        return ""
    keys = _counted(keys, numbers)
    wordy = _wordy(words, lang)
    points = keys - {"ago", *_UNITS, "next"}
    if "years" in keys:  # 'Two years now, in 2024.'
        numbers = [n for n in numbers if n >= EARLIEST] or numbers
    if len(numbers) == 1 and numbers[0] >= EARLIEST and not keys - {"years", "ago"}:
        return str(numbers[0]) if not wordy else ""
    if "ago" in keys and len(units := keys & set(_UNITS)) == 1 and not points:
        return _ago(_one(numbers, words), units.pop(), today)
    if ahead and keys & {"tomorrow", "yesterday"} and not numbers:
        # In half of the languages one word is both: only what lies ahead was asked for.
        return (today + timedelta(days=1)).isoformat()
    if len(points) == 1 and not numbers and not wordy:
        return _point(points.pop(), today)
    if ahead and "next" in keys and len(units := keys & set(_UNITS)) == 1 and not numbers:
        return _next(units.pop(), today)
    return ""


def checked(year: str, month: str, day: str | None) -> str:
    """An ISO date, or month, if there is such a one."""
    with suppress(ValueError):
        whole = date(int(year), int(month), int(day or 1)).isoformat()
        return whole if day else whole[:7]
    return ""


def _named_day(words: str, lang: str) -> int:
    """The number that a word for a day of the month follows: '12 tarikh', 'बारह को'."""
    said = read(words.split(), lang)
    days = (v for (v, _), (_, word) in pairwise(said) if word in spoken("day_of_month"))
    return next((day for day in days if isinstance(day, int) and 0 < day <= LONGEST_MONTH), 0)


def _told_after(words: str, lang: str) -> bool:
    """A number behind 'last month' counts something else: 'last month 2 times'."""
    said = word_stems(lang).longest(words)
    ends = [hit.end for hit in said if hit.key in ("last_week", "last_month", "last_year")]
    return bool(ends) and bool(numbers_of(words[max(ends) :], lang)) and len(ends) == 1


def _months_said(words: str) -> bool:
    return bool(spoken("relative", "months") & set(words.split()))


def _in_month(day: int, keys: set[str], today: date, next_month: bool) -> str:
    """A day of last month, of this one, or of the next where a plan is asked for."""
    if keys in ({"last_month"}, {"this_month"}):
        month = _months_before(today, int(keys == {"last_month"}))
    elif next_month:
        month = _months_before(today, -1)
    else:
        return ""
    return checked(month[:4], month[5:], str(day))


def in_passing(words: str, lang: str) -> bool:
    """Whether 'today' or 'yesterday' may only belong to a story: 'good rain here today'."""
    long = len(words.split()) > _FEW_WORDS and not learned(words, lang)
    return long and bool(keys_of(words, lang) & _DAYS)


def _wordy(words: str, lang: str) -> bool:
    """So many words, or a question, that 'today' may speak of something else."""
    said = phrases(lang, "questions").cover(words.split())
    long = len(words.split()) > _MOST_WORDS and not learned(words, lang)
    return long or any(key for key, _ in said)


def _counted(keys: set[str], numbers: list[int]) -> set[str]:
    """'3 months ago' where a language says 'a month ago' in one phrase; 'from today' is no day."""
    ago = {"last_month": "months", "last_year": "years", "last_week": "weeks"}
    for point, unit in ago.items():
        if keys == {point} and len(numbers) == 1 and 1 < numbers[0] < 100:
            return {unit, "ago"}
    return keys - {"today"} if "ago" in keys and keys & set(_UNITS) else keys


def _one(numbers: list[int], words: str) -> int | None:
    if len(numbers) == 1:
        return numbers[0]
    single = words.split()[0] in ("a", "an") if words else False
    return 1 if single and not numbers else None


def _ago(many: int | None, unit: str, today: date) -> str:
    if many is None or not 0 < many < (100 if unit == "years" else 400):
        return ""
    if unit == "days":
        return (today - timedelta(days=many)).isoformat()
    if unit == "weeks":
        return (today - timedelta(weeks=many)).isoformat()[:7]
    return _months_before(today, many) if unit == "months" else str(today.year - many)


def _months_before(today: date, many: int) -> str:
    months = today.year * 12 + today.month - 1 - many
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _next(unit: str, today: date) -> str:
    return {"months": _months_before(today, -1), "years": str(today.year + 1)}.get(unit, "")


def _point(point: str, today: date) -> str:
    """The day, month or year that a relative word names."""
    match point:
        case "today" | "yesterday" | "before_yesterday":
            back = ("today", "yesterday", "before_yesterday").index(point)
            return (today - timedelta(days=back)).isoformat()
        case "last_week":
            return _last_week(today)
        case "this_month" | "last_month":
            return _months_before(today, int(point == "last_month"))
        case "this_year" | "last_year":
            return str(today.year - int(point == "last_year"))
    return ""


def _last_week(today: date) -> str:
    """The month of last week; unclear when the week lies in two months."""
    monday = today - timedelta(days=today.weekday() + 7)
    sunday = monday + timedelta(days=6)
    return monday.isoformat()[:7] if monday.month == sunday.month else ""
