"""The way through a case: which question comes next, and what an answer changes."""

from datetime import date, datetime
from functools import cache
from typing import Any

from msgspec.structs import replace

from flows.conversation import Case, Conversation, Given
from flows.numbers import case_id, case_number
from flows.steps import applies, steps

CONSENTS = ("consent_data", "consent_panel", "consent_chat", "patient_agrees")


@cache
def order() -> tuple[str, ...]:
    """Every step of a case in order; `offered`, `records` and `review` are not fields."""
    names: list[str] = []
    for step in steps().values():
        if step.section == "patient" and "offered" not in names:
            names.append("offered")
        if step.section == "request" and "records" not in names:
            names.append("records")
        names.append(step.name)
    return (*names, "review")


def next_step(conversation: Conversation, today: date) -> str:
    """The first step that is still open."""
    return next(name for name in order() if is_open(conversation, name, today))


def is_open(conversation: Conversation, name: str, today: date) -> bool:
    """Whether a step is still to be asked."""
    case = conversation.case
    if name == "review":
        return True
    if name == "offered":
        return bool(conversation.offered)
    if name in case.answers:
        return False
    return name == "records" or applies(steps()[name], case, today)


def go_on(conversation: Conversation, today: date) -> Conversation:
    """The conversation at its next open step."""
    return at(conversation, next_step(conversation, today))


def at(conversation: Conversation, step: str, **detail: Any) -> Conversation:
    """The conversation at a step, nothing misunderstood so far."""
    return replace(conversation, step=step, detail=detail, misses=0, heard=None)


def aside(conversation: Conversation, step: str, **detail: Any) -> Conversation:
    """Step aside for one question, to come back to where we are."""
    if conversation.step == step:
        return conversation
    here = {"step": conversation.step, "detail": conversation.detail}
    back = conversation.detail.get("back") or here
    return replace(conversation, step=step, detail={**detail, "back": back}, misses=0)


def returned(conversation: Conversation) -> Conversation:
    """Back from an aside."""
    back = conversation.detail.get("back") or {"step": "home", "detail": {}}
    return replace(conversation, step=back["step"], detail=back["detail"], misses=0)


def answered(
    conversation: Conversation, name: str, value: Any, now: datetime, *, how: str = "given"
) -> Conversation:
    """The conversation with one answer more, and the step remembered for `back`."""
    case = conversation.case
    answers = {**case.answers, name: Given(value, now, how)}
    trail = (*[step for step in conversation.trail if step != name], name)
    return with_case(replace(conversation, trail=trail), replace(case, answers=answers))


def without(conversation: Conversation, name: str) -> Conversation:
    """The conversation with one answer taken back."""
    case = conversation.case
    answers = {key: given for key, given in case.answers.items() if key != name}
    return with_case(conversation, replace(case, answers=answers))


def with_case(conversation: Conversation, case: Case) -> Conversation:
    """The conversation with its current case replaced."""
    return put_case(conversation, conversation.current, case)


def at_case(conversation: Conversation, case: str) -> Conversation | None:
    """The conversation with one of its cases as the current one; None where it has no such case."""
    numbers = (n for n, each in enumerate(conversation.cases) if each.id == case)
    number = next(numbers, None)
    return None if number is None else replace(conversation, current=number)


def put_case(conversation: Conversation, index: int, case: Case) -> Conversation:
    """The conversation with one of its cases replaced, whichever is current."""
    cases = (*conversation.cases[:index], case, *conversation.cases[index + 1 :])
    return replace(conversation, cases=cases)


def new_case(conversation: Conversation) -> Conversation:
    """The conversation with a fresh case as its current one."""
    index = len(conversation.cases)
    case = Case(case_id(conversation.seed, index), case_number(conversation.seed, index))
    cases = (*conversation.cases, case)
    return replace(conversation, cases=cases, current=index, trail=(), offered={})


def consented(case: Case) -> bool:
    """Whether health details may be kept: every consent that is asked was given."""
    if not (case.value("consent_data") and case.value("consent_panel")):
        return False
    agreed = case.value("patient_agrees")
    return case.value("writer_relation") == "self" or agreed in ("yes", "cannot", "is_child")


def relevant(case: Case, today: date) -> dict[str, Given]:
    """The answers that still apply, in the order of the form."""
    found = {}
    for name, step in steps().items():
        if name in case.answers and applies(step, case, today):
            found[name] = case.answers[name]
    return found
