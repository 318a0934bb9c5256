"""How a pending question looks, and how an answer to it is to be read."""

from datetime import date
from typing import Any

from msgspec import Struct

from flows import checklist
from flows.conversation import Case, Conversation
from flows.data import LANGUAGES, OWN_NAMES
from flows.effects import Key, Line, Option, Say
from flows.say import line
from flows.steps import Step, steps
from flows.turnaround import turn_around

READERS = {
    "choice": ("choice",),
    "choices": ("choices",),
    "yesno": ("yesno",),
    "date": ("date",),
    "future_date": ("future_date",),
    # A date of birth is also an age in years, but says more.
    "age": ("date", "age"),
    "name": ("name",),
    "phone": ("phone",),
    "place": ("place",),
    "text": ("free_text",),
    "case_type": ("choice", "cancer_type"),
}
YES_NO = (Option("yes", "button.yes"), Option("no", "button.no"))
SKIP = Option("!skip", "button.skip")
WHY = Option("!why", "button.why")


class Question(Struct, frozen=True):
    """What is shown (`lines`, `options`) and what counts as an answer.

    `readers` are nlu contexts, tried in order; `known` are answers that are understood
    though no row shows them.
    """

    lines: tuple[Line, ...]
    options: tuple[Option, ...] = ()
    readers: tuple[str, ...] = ("none",)
    as_list: bool = False
    known: tuple[Option, ...] = ()


def as_say(question: Question, step: str, page: int = 0, **more: Any) -> Say:
    """The bubble that asks a question."""
    return Say(
        question.lines,
        question.options,
        step=step,
        page=page,
        as_list=question.as_list,
        **more,
    )


def language_question(first: tuple[str, ...] = ()) -> Question:
    """Which language; the likely ones first, each in its own script."""
    rows = (*first, *(code for code in LANGUAGES if code not in first))
    options = tuple(Option(code, literal=OWN_NAMES[code]) for code in rows)
    return Question((line("ask.language"),), options, ("choice",), as_list=True)


def field_question(conversation: Conversation, step: Step, today: date) -> Question:
    """The question of a field of the form."""
    case, detail = conversation.case, conversation.detail
    if "reading" in detail:
        return _read_back(detail["reading"])
    options = _options(step, case, detail)
    if step.this_number and conversation.phone:
        options = (Option("!this_number", "button.this_number"),)
    lines = (*_head(step, detail), line(f"ask.{step.name}", **_params(case, detail, today)))
    readers = READERS[step.kind]
    if step.section == "consent" and step.kind == "yesno":
        readers = ("consent",)
    if step.also_text:
        readers = (*readers, "free_text")
    many = len(options) > 3
    return Question(lines, _with_skip(step, options), readers, as_list=many)


def _head(step: Step, detail: dict[str, Any]) -> tuple[Line, ...]:
    if picked := detail.get("picked"):
        names = [Key(f"option.{step.name}.{value}") for value in picked]
        return (line("choices.picked", picked=names),)
    return ()


def _params(case: Case, detail: dict[str, Any], today: date) -> dict[str, Any]:
    params: dict[str, Any] = {"name": case.value("patient_name") or ""}
    if treatment := detail.get("treatment"):
        params["treatment"] = Key(f"option.treatments_taken.{treatment}")
    params["days"] = turn_around(case, today).days
    return params


def _read_back(value: Any) -> Question:
    text = value["text"] if isinstance(value, dict) else str(value)
    return Question((line("read_back", value=text),), YES_NO, ("yesno",))


def _options(step: Step, case: Case, detail: dict[str, Any]) -> tuple[Option, ...]:
    match step.kind:
        case "yesno":
            return YES_NO
        case "case_type":
            rows = checklist.menu(case, detail.get("page", ""))
            return tuple(Option(row, f"case_type.{row}") for row in rows)
        case "choices":
            return _many(step, detail.get("picked", []))
        case "choice" if step.name == "report_language":
            return tuple(Option(code, literal=OWN_NAMES[code]) for code in step.options)
        case "choice":
            return tuple(_option(step.name, value) for value in step.options)
    return ()


def _option(name: str, value: str) -> Option:
    about = f"about.{name}.{value}" if name == "ecog" and value != "unknown" else ""
    return Option(value, f"option.{name}.{value}", about=about)


def _many(step: Step, picked: list[str]) -> tuple[Option, ...]:
    left = [v for v in step.options if v not in picked]
    if picked:
        left = [v for v in left if v not in step.exclusive]
    done = (Option("done", "button.done"),) if picked else ()
    return (*done, *(_option(step.name, value) for value in left))


def _with_skip(step: Step, options: tuple[Option, ...]) -> tuple[Option, ...]:
    shown = {option.id for option in options}
    if step.skip and not shown & {"unknown", "none", "done"}:
        return (*options, SKIP)
    return options


def questions_question(conversation: Conversation) -> Question:
    """The patient's questions for the experts: typed, or one of the suggestions."""
    asked = conversation.detail.get("asked", [])
    step = steps()["questions"]
    key = "ask.questions.more" if asked else "ask.questions"
    done = (Option("done", "button.done"),) if asked else ()
    left = [name for name in step.suggest if name not in conversation.detail.get("used", [])]
    options = (*done, *(Option(name, f"suggest.{name}.short") for name in left))
    readers = ("documents", "exact", "free_text") if asked else ("exact", "free_text")
    return Question((line(key, count=len(asked)),), options, readers, as_list=True)
