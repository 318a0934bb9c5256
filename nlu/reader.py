"""The order of reading: alarms, commands, then the pending question; else unclear."""

from collections.abc import Callable
from datetime import date

from nlu.ages import age
from nlu.alarms import alarm
from nlu.cancers import cancer_type, site
from nlu.choices import choice, choices
from nlu.clauses import clauses
from nlu.commands import commands, explicit
from nlu.data import KNOWN
from nlu.dates import future_date, past_date
from nlu.extract import extract
from nlu.meaning import Answer, Command, Context, Meaning, Unclear
from nlu.names import city, name
from nlu.normalise import asked, normalise
from nlu.papers import documents
from nlu.phones import phone
from nlu.places import place
from nlu.scripts import language_of
from nlu.sms import spelled_out
from nlu.yesno import yesno

LONGEST = 4000
CRISIS = "suicidal"
# What an answer may be although it reads like a command too.
_ANSWERS_FIRST = {
    "choice",
    "choices",
    "documents",
    "yesno",
    "consent",
    "phone",
    "age",
    "date",
    "future_date",
}

Reader = Callable[[str, Context, str, date], Meaning]


def parse_context(text: str) -> Context:
    """`choice:id1,id2` or a plain kind as a Context."""
    kind, _, ids = text.partition(":")
    return Context(
        kind.strip() or "none", tuple(part.strip() for part in ids.split(",") if part.strip())
    )


def understand(
    text: str, context: Context, lang: str, today: date, session_lang: str = ""
) -> Meaning:
    """What a text means for the pending question; never a guess."""
    if not isinstance(text, str) or not text.strip():
        return Unclear()
    shown, lang = text[:LONGEST], _spoken(text, lang)
    free = context.kind == "free_text"
    full = spelled_out(shown) if lang == "en" else shown
    if danger := alarm(shown, free) or (alarm(full, free) if full != shown else None):
        return Command("crisis" if danger.id == CRISIS else "emergency", danger.id)
    given = _command(shown, lang, free)
    answer = _read(shown, context, lang, today)
    if full != shown and not given and not free:
        given, answer = _again(shown, full, context, answer, today)
    if given and not (isinstance(answer, Answer) and _is_answer(given, context, shown, lang)):
        return given
    if isinstance(answer, Unclear) and session_lang and session_lang != lang:
        return _read(shown, context, session_lang, today)
    return answer


def _again(
    shown: str, full: str, context: Context, answer: Meaning, today: date
) -> tuple[Command | None, Meaning]:
    """English once more, its short spellings written in full."""
    if isinstance(answer, Answer) and not answer.weak and not _named(context):
        return None, answer
    if given := _command(full, "en", free=False):
        return given, answer
    found = _read(full, context, "en", today)
    # A name or a town is never respelled.
    same = not _named(context) or (isinstance(found, Answer) and str(found.value) in shown)
    return None, found if isinstance(found, Answer) and same else answer


def _named(context: Context) -> bool:
    return context.kind in ("name", "city", "place")


def _spoken(text: str, lang: str) -> str:
    """The language of the script that a text is written in, where it is not the chat's."""
    written = language_of(text)
    return lang if not written or KNOWN[written]["script"] == KNOWN[lang]["script"] else written


def prepare(lang: str) -> None:
    """Read a language's words now: the first use of a reader waits for its tables."""
    for kind in READERS:
        for text in ("words", "words 54"):
            understand(text, Context(kind, ("yes", "no")), lang, date.min)
    extract("words 54", lang, date.min)


def _command(text: str, lang: str, free: bool) -> Command | None:
    return explicit(normalise(text), lang) if free else commands(text, lang)


def _tells_first(text: str, lang: str) -> bool:
    """'In the food pipe, he can swallow only kanji': the first part answers and asks nothing."""
    first, *more = clauses(text)
    return bool(more and site(first, lang)) and not (asked(text) or commands(first, lang))


def _is_answer(given: Command, context: Context, text: str, lang: str) -> bool:
    """A word that is a row here: 'status' among the rows, a language where languages are asked."""
    if given.name in ("stop", "delete_data", "human") and given.name not in context.ids:
        return False
    if given.name == "medical_advice" and context.kind == "cancer_type":
        return _tells_first(text, lang)
    if given.name == "language":
        return given.detail in context.ids or context.kind in ("choice", "choices")
    return given.name in context.ids or context.kind in _ANSWERS_FIRST


def _read(text: str, context: Context, lang: str, today: date) -> Meaning:
    reader = READERS.get(context.kind)
    return reader(text, context, lang, today) if reader else Unclear()


READERS: dict[str, Reader] = {
    "yesno": lambda text, _, lang, __: yesno(text, lang),
    "consent": lambda text, _, lang, __: yesno(text, lang, strict=True),
    "choice": lambda text, context, lang, _: choice(text, context, lang),
    "choices": lambda text, context, lang, _: choices(text, context, lang),
    "sex": lambda text, _, lang, __: choice(
        text, Context("choice", ("female", "male", "other")), lang, "sex"
    ),
    "name": lambda text, _, lang, __: name(text, lang),
    "city": lambda text, _, lang, __: city(text, lang),
    "place": lambda text, _, lang, __: _place(text, lang),
    "age": lambda text, _, lang, today: age(text, lang, today),
    "date": lambda text, _, lang, today: past_date(text, lang, today),
    "future_date": lambda text, _, lang, today: future_date(text, lang, today),
    "phone": lambda text, _, lang, __: phone(text, lang),
    "cancer_type": lambda text, _, lang, __: cancer_type(text, lang),
    "documents": lambda text, _, lang, __: documents(text, lang),
    "free_text": lambda text, _, __, ___: Answer(text, "free_text"),
}


def _place(text: str, lang: str) -> Meaning:
    found = city(text, lang)
    return Answer(place(text), "place", found.weak) if isinstance(found, Answer) else found
