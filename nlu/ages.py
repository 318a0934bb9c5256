"""Reads an age: whole years, rounded down; a range, a guess or two numbers are unclear."""

import re
from datetime import date
from functools import cache

from nlu.data import LANGUAGES, section, spoken
from nlu.dates import full_date
from nlu.index import Stems, everywhere
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, digits, normalise
from nlu.numbers import own, read, table
from nlu.spelling import Speller

OLDEST, STRANGE = 115, 8
# A bare number from here on is an age whatever a sentence tells beside it.
GROWN = 20
_LONG_NUMBER = 8
Token = tuple[int | str, str]
_EDGE: Token = ("", "")
_UNITS = ("years", "months", "weeks", "days")
_RANGE = re.compile(r"\d\s*(?:-|–|—|~|/|से|to|or|–)\s*\d|\d\s*\+|[<>]\s*\d|\d{2}s\b|[-−]\d")
_DECIMAL = re.compile(r"(\d+)[.,]\d+")
# Telugu glues a number to its years: నాలుగేళ్ళు is నాలుగు ఏళ్ళు.
_TELUGU_YEARS = re.compile("(?<=\\w)ేళ్")


@cache
def _kinds() -> dict[str, str]:
    """Whole words around an age and what they do to it."""
    return {
        word: kind
        for kind, languages in section("age").items()
        for words in languages.values()
        for word in words
    }


@cache
def _suffixed() -> Stems:
    return Stems((word, kind) for word, kind in _kinds().items() if len(word) > 2)


def kind_of(word: str) -> str:
    """years, months, days, guess, negative, half or a plain word of an age sentence."""
    if kind := _kinds().get(word):
        return kind
    hit = next(_suffixed().hits(word), None) if not word.isascii() else None
    return hit.key if hit else ""


@cache
def _speller() -> Speller:
    # One slip turns a short number word into another: untees is 29, unnees 19.
    numbers = (word for word in table("hi") if len(word) >= _LONG_NUMBER)
    units = (word for word, kind in _kinds().items() if kind in _UNITS and len(word) > 4)
    return Speller(word for word in (*numbers, *units) if word.isascii())


def tokens(text: str, lang: str) -> list[Token]:
    """Words and numbers of an age; '45saal' comes apart."""
    plain = _DECIMAL.sub(r"\1", digits(text))
    apart = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", plain)
    words = _TELUGU_YEARS.sub("ు ఏళ్", normalise(apart)).split()
    known = table(lang)
    read_words = read([w if w in known else _speller().word(w) for w in words], lang)
    halved = [(_halves().get(said, v) if said not in known else v, said) for v, said in read_words]
    return [*map(_denial, [_EDGE, *halved], halved, [*halved[1:], _EDGE])]


def _denial(before: Token, token: Token, after: Token) -> Token:
    """Bengali 'noy' is nine, and not: between two numbers it denies the first."""
    numbers = all(isinstance(value, int) for value, _ in (before, token, after))
    return (token[1], token[1]) if numbers and kind_of(token[1]) == "no" else token


@cache
def _halves() -> dict[str, int]:
    """One and a half, two and a half: the whole years of them."""
    listed = section("age_halves")
    return {word: int(n) for n, per in listed.items() for words in per.values() for word in words}


def age(text: str, lang: str, today: date) -> Meaning:
    """Whole years."""
    years = years_said(text, lang, today)
    return Unclear() if years is None else Answer(years, "age")


def years_said(text: str, lang: str, today: date) -> int | None:
    """The one age that a text gives, if it gives one."""
    if born := full_date(text, lang, today):
        return _between(born, today)
    plain = digits(text)
    if asked(text) or _RANGE.search(plain.casefold()):
        return None
    said = _running(_explained(_without_history(tokens(text, lang))))
    return _settle(_corrected(said), told=_told(text))


def _running(said: list[Token]) -> list[Token]:
    """'47 completed, 48 has begun': the lower counts."""
    numbers = [v for v, _ in said if isinstance(v, int)]
    over = any(not isinstance(v, int) and everywhere("age_over").first(v) for v, _ in said)
    if len(numbers) != 2 or not over or abs(numbers[0] - numbers[1]) != 1:
        return said
    return [token for token in said if token[0] != max(numbers)]


def _without_history(said: list[Token]) -> list[Token]:
    """What happened so many years or months ago is no age."""
    kept, at = list[Token](), 0
    while at < len(said):
        past = _is_history(said[at : at + 3])
        kept += [] if past else [said[at]]
        at += 3 if past else 1
    return kept


def _is_history(three: list[Token]) -> bool:
    if len(three) < 3 or not isinstance(three[0][0], int):
        return False
    unit, ago = kind_of(str(three[1][0])), kind_of(str(three[2][0]))
    return unit in _UNITS and ago == "ago"


def _explained(said: list[Token]) -> list[Token]:
    """'Three score and ten, that is 70': what follows counts, where it names a number."""
    starts = [at for at, (v, _) in enumerate(said) if kind_of(str(v)) == "meaning"]
    after = said[starts[-1] + 1 :] if starts else []
    return after if any(isinstance(v, int) for v, _ in after) else said


def _told(text: str) -> bool:
    """Whether it is said that the number is an age."""
    return everywhere("age_word").first(normalise(text)) is not None


def _between(born: date, today: date) -> int | None:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST else None


def _corrected(said: list[Token]) -> list[Token]:
    """'45 not 54' keeps 45, '54 nahi 45' keeps 45, 'sorry, 45' the last."""
    kinds = [_kind(token) for token in said]
    numbers = [at for at, kind in enumerate(kinds) if kind == "number"]
    if slip := _slip(said, numbers):
        return said[:slip] + said[slip + 1 :]
    told = kinds if "ago" in kinds else kinds[: numbers[-1] + 2] if numbers else []
    if len(numbers) != 2 or not {"not", "no", "sorry"} & set(told):
        return said
    drop = _denied(kinds, numbers)
    return [token for at, token in enumerate(said) if at != drop]


def _kind(token: Token) -> str:
    return "number" if isinstance(token[0], int) else kind_of(str(token[0]))


def _slip(said: list[Token], numbers: list[int]) -> int:
    """Where the number stands that a later word calls a mistake: '38, I had put 83 by mistake'."""
    if len(numbers) != 2:
        return 0
    first, second = numbers
    between = {_kind(token) for token in said[first + 1 : second]}
    mistakes = spoken("age_mistake")
    after = any(word in mistakes for _, word in said[second + 1 :])
    told = any(word in mistakes for _, word in said[first + 1 : second])
    return second if after and not told and "no" not in between else 0


def _denied(kinds: list[str], numbers: list[int]) -> int:
    first, second = numbers
    between = kinds[first + 1 : second]
    if "ago" in between and "sorry" in kinds[second + 1 :]:
        return second
    if "not" in kinds[:first]:
        return first
    if "not" in between:
        return second
    # Indian languages deny what stands before the word: '54 nahi 45', '45, 54 nahi'.
    if "no" in kinds[second + 1 : second + 2] and "no" not in between:
        return second
    return first


def _settle(said: list[Token], *, told: bool) -> int | None:
    numbers = [v for v, _ in said if isinstance(v, int)]
    kinds = [kind_of(str(v)) for v, _ in said if not isinstance(v, int)]
    if not numbers or {"guess", "unlike", "hundreds"} & set(kinds) or _nearly_number(said):
        return None
    strange = sum(not kind for kind in kinds)
    if len(numbers) == 1 and (told or numbers[0] >= GROWN) and strange <= STRANGE:
        return _years(said)
    if strange > 2 or (strange and not {"years", "months", "about"} & set(kinds)):
        return None
    return _years(said) if len(numbers) == 1 else _compound(said, kinds)


def _nearly_number(said: list[Token]) -> bool:
    """A second number that is spelt in a way nobody knows."""
    plain = [str(v) for v, _ in said if not isinstance(v, int) and not kind_of(str(v))]
    return any(_numbers_speller().word(word) != word for word in plain if word.isascii())


@cache
def _numbers_speller() -> Speller:
    spoken = (word for code in LANGUAGES for word in own(f"rom_{code}"))
    return Speller(word for word in spoken if word.isascii() and len(word) > 5)


def _years(said: list[Token]) -> int | None:
    """The one number in whole years, by the unit that stands after it."""
    at = next(at for at, (value, _) in enumerate(said) if isinstance(value, int))
    unit = kind_of(str(said[at + 1][0])) if at + 1 < len(said) else ""
    number = int(said[at][0]) // {"months": 12, "weeks": 52, "days": 365}.get(unit, 1)
    return number if 0 <= number <= OLDEST else None


def _compound(said: list[Token], kinds: list[str]) -> int | None:
    """'2 years 6 months': the years count."""
    units = [v if isinstance(v, int) else kind_of(str(v)) for v, _ in said]
    units = [unit for unit in units if isinstance(unit, int) or unit in ("years", "months")]
    match units:
        case [int(years), "years", int(months), "months"] if months < 12 and years <= OLDEST:
            return years
        case [int(years), int(months), "months"] if months < 12 and GROWN // 2 < years <= OLDEST:
            return years
    return None
