"""Whether a text that answers nothing is still about the question: then it is hardly a command."""

from collections.abc import Callable

from nlu.cancers import places
from nlu.date_words import names_day
from nlu.meaning import Context
from nlu.normalise import normalise
from nlu.numbers import read
from nlu.rows import rows_named
from nlu.yesno import speaks_of_yes


def speaks_of(text: str, context: Context, lang: str) -> bool:
    """A number where an age is asked for, 'if my husband agrees' where a consent is."""
    about = _ABOUT.get(context.kind)
    return bool(about and about(normalise(text), context, lang))


def _numbers(words: str, lang: str) -> bool:
    return any(
        isinstance(value, int) or value.isdecimal() for value, _ in read(words.split(), lang)
    )


_About = Callable[[str, Context, str], bool]
_number: _About = lambda words, _, lang: _numbers(words, lang)  # noqa: E731
_day: _About = lambda words, _, lang: _numbers(words, lang) or names_day(words, lang)  # noqa: E731
_yes: _About = lambda words, _, lang: speaks_of_yes(words, lang)  # noqa: E731
_ABOUT: dict[str, _About] = {
    "age": _number,
    "phone": _number,
    "date": _day,
    "future_date": _day,
    "yesno": _yes,
    "consent": _yes,
    "cancer_type": lambda words, _, lang: bool(places(words, lang)),
    "choice": lambda words, context, lang: bool(rows_named(words, context, lang)),
    "choices": lambda words, context, lang: bool(rows_named(words, context, lang)),
}
