"""Reads a date, day first, no finer than it was said; anything doubtful is unclear."""

import re
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from nlu.data import section
from nlu.index import Stems, everywhere, phrases
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, digits, normalise
from nlu.numbers import read
from nlu.spelling import Speller

EARLIEST, LONGEST_MONTH = 1900, 31
# More words around a bare year or "today" may speak of something else.
_MOST_WORDS = 6
_ISO = re.compile(
    r"(?<!\d)(\d{4})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?(?!\d|\s*[-/.]\s*\d)"
)
_DAY_FIRST = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})(?![\d/])"
)
_MONTH_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2})\s*[-/.]\s*(\d{4})(?![\d/])")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_AGO_GLUED = re.compile(r"(?<=\S)(पूर्वी|poorvi|purvi)(?=\s|$)")
_SHORT_YEAR = re.compile(r"[’'‘`](\d{2})(?!\d)")
# Month names that are also ordinary words count only beside a number.
_COMMON = frozenset({"may", "mar", "march", "mai", "sep", "dec", "jun", "jan", "mas"})


@cache
def _month_speller() -> Speller:
    names = (w for per in section("months").values() for ws in per.values() for w in ws)
    return Speller(word for word in names if word.isascii() and len(word) > 4)


@cache
def _date_words() -> frozenset[str]:
    """Words of dates that are no slip in the name of a month."""
    listed = section("relative").values()
    return frozenset(
        part for per in listed for ws in per.values() for w in ws for part in w.split()
    )


@cache
def _word_stems(language: str) -> Stems:
    """Relative words; the chat's own language decides between two meanings."""
    groups = [section("relative"), section("dates")]
    ordered = [
        (word, key)
        for own in (True, False)
        for group in groups
        for key, languages in group.items()
        for code, words in languages.items()
        if (code in (language, "en")) is own and not key.endswith("_unit")
        for word in words
    ]
    return Stems(ordered)


def _keys(words: str, lang: str) -> set[str]:
    return {hit.key for hit in _word_stems(lang).longest(words)} - {"learned"}


def _learned(words: str, lang: str) -> bool:
    """Whether it is said that something was found out: 'we came to know', 'pata chala'."""
    return any(hit.key == "learned" for hit in _word_stems(lang).longest(words))


def _words(text: str) -> str:
    plain = _ORDINAL.sub(" th ", _SHORT_YEAR.sub(r" 20\1", digits(text)))
    apart = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", plain)
    said = normalise(apart).split()
    mended = (w if w in _date_words() else _month_speller().word(w) for w in said)
    # Marathi glues 'ago' to its months and years.
    return _AGO_GLUED.sub(r" \1", " ".join(mended))


def names_month(words: str) -> bool:
    """Whether a normalised text names a month."""
    return everywhere("months").first(words) is not None


def full_date(text: str, lang: str, today: date) -> date | None:
    """A complete past date, as a birth date must be."""
    found = said_date(text, lang, today)
    if found and len(found) == 10 and not _keys(_words(text), lang):
        return date.fromisoformat(found)
    return None


def past_date(text: str, lang: str, today: date) -> Meaning:
    """A date that is over: YYYY-MM-DD, YYYY-MM or YYYY."""
    found = said_date(text, lang, today)
    if not found or not _started(found, today):
        return Unclear()
    return Answer(found, "date")


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
    words = _words(text)
    keys = _keys(words, lang)
    if keys & {"vague", "festival", "half"} or (keys & {"next", "tomorrow"} and not ahead):
        return ""
    if numeric := _numeric(text):
        return numeric if not _others(text, words, keys) else ""
    months = {hit.key for hit in everywhere("months").longest(words)}
    if months:
        return _with_month(words, months, keys, lang, today)
    return _relative(words, keys, lang, today, ahead)


def _others(text: str, words: str, keys: set[str]) -> bool:
    """A second date, a month name or a relative word beside a numeric date."""
    numbers = re.findall(r"\d+", digits(text))
    beside = keys - {"ago", "days", "months", "years"} or len(numbers) > 3
    named = {hit.phrase for hit in everywhere("months").longest(words)} - _COMMON
    return bool(beside) or bool(named)


def _numeric(text: str) -> str:
    plain = digits(text)
    if match := _ISO.search(plain):
        return _checked(match[1], match[2], match[3])
    if match := _DAY_FIRST.search(plain):
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        return _checked(year, match[2], match[1])
    if match := _MONTH_YEAR.search(plain):
        return _checked(match[2], match[1], None)
    return ""


def _checked(year: str, month: str, day: str | None) -> str:
    with suppress(ValueError):
        whole = date(int(year), int(month), int(day or 1)).isoformat()
        return whole if day else whole[:7]
    return ""


def _with_month(words: str, months: set[str], keys: set[str], lang: str, today: date) -> str:
    """'5 March 2024', 'March 2024', 'March last year'; a month without a year is unclear."""
    numbers = _numbers(words, lang)
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
    return _checked(str(years[0]), months.pop(), str(days[0]) if days else None)


_UNITS = ("days", "weeks", "months", "years")


def _relative(words: str, keys: set[str], lang: str, today: date, ahead: bool) -> str:
    numbers = _numbers(words, lang)
    if day := _named_day(words, lang):
        next_month = ahead and "next" in keys and _months_said(words)
        return _in_month(day, keys, today, next_month) if len(numbers) == 1 else ""
    if _told_after(words, lang):
        return ""
    keys, wordy = _counted(keys, numbers), _wordy(words, lang)
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


@cache
def _day_words() -> frozenset[str]:
    return frozenset(word for words in section("day_of_month")["word"].values() for word in words)


def _named_day(words: str, lang: str) -> int:
    """The number that a word for a day of the month follows: '12 tarikh', 'बारह को'."""
    said = read(words.split(), lang)
    days = (v for (v, _), (_, word) in pairwise(said) if word in _day_words())
    return next((day for day in days if isinstance(day, int) and 0 < day <= LONGEST_MONTH), 0)


def _told_after(words: str, lang: str) -> bool:
    """A number behind 'last month' counts something else: 'last month 2 times'."""
    said = _word_stems(lang).longest(words)
    ends = [hit.end for hit in said if hit.key in ("last_week", "last_month", "last_year")]
    return bool(ends) and bool(_numbers(words[max(ends) :], lang)) and len(ends) == 1


def _months_said(words: str) -> bool:
    units = {word for per in section("relative")["months"].values() for word in per}
    return bool(units & set(words.split()))


def _in_month(day: int, keys: set[str], today: date, next_month: bool) -> str:
    """A day of last month, of this one, or of the next where a plan is asked for."""
    if keys in ({"last_month"}, {"this_month"}):
        month = _months_before(today, int(keys == {"last_month"}))
    elif next_month:
        month = _months_before(today, -1)
    else:
        return ""
    return _checked(month[:4], month[5:], str(day))


def _wordy(words: str, lang: str) -> bool:
    """So many words, or a question, that 'today' may speak of something else."""
    said = phrases(lang, "questions").cover(words.split())
    long = len(words.split()) > _MOST_WORDS and not _learned(words, lang)
    return long or any(key for key, _ in said)


def _counted(keys: set[str], numbers: list[int]) -> set[str]:
    """'3 months ago' where a language says 'a month ago' in one phrase; 'from today' is no day."""
    ago = {"last_month": "months", "last_year": "years", "last_week": "weeks"}
    for point, unit in ago.items():
        if keys == {point} and len(numbers) == 1 and 1 < numbers[0] < 100:
            return {unit, "ago"}
    return keys - {"today"} if "ago" in keys and keys & set(_UNITS) else keys


def _numbers(words: str, lang: str) -> list[int]:
    """The numbers of a text; 'do hazar chaubees' and 'twenty twenty four' are years."""
    out: list[int | str] = []
    for value, said in read(words.split(), lang):
        before = out[-1] if out else ""
        if value == 2000 and not said.isdecimal():
            out.append("thousand")
        elif said in _thousands() and before == 2:
            out[-1] = "thousand"
        elif isinstance(value, int) and value < 100 and before in ("thousand", 20):
            out[-1] = 2000 + value
        else:
            out.append(value)
    # Two thousand and something that nobody could read is no year.
    out = [2000 if v == "thousand" and at == len(out) - 1 else v for at, v in enumerate(out)]
    return [] if "thousand" in out else [value for value in out if isinstance(value, int)]


@cache
def _thousands() -> frozenset[str]:
    return frozenset(word for ws in section("thousand")["word"].values() for word in ws)


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
