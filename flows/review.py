"""The page before sending: everything at a glance, any answer changed by name or number."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from flows import checklist, records
from flows.conversation import Case, Conversation, Given
from flows.data import OWN_NAMES
from flows.effects import Day, Key, Line, Option, SubmitCase
from flows.outcome import Outcome
from flows.question import Question
from flows.say import label, line, say, tap
from flows.steps import steps
from flows.turnaround import turn_around
from flows.walk import at, relevant, with_case, without

SEND = Option("send", "button.send_case")
CHANGE = Option("change", "button.change")


def changeable(case: Case, today: date) -> list[str]:
    """The answers that the page lists, in order; consents are withdrawn, not changed."""
    return [name for name in relevant(case, today) if steps()[name].section != "consent"]


def question(conversation: Conversation, today: date) -> Question:
    """The page: numbered answers, the records, and what to do."""
    case = conversation.case
    names = changeable(case, today)
    items = tuple(
        line("review.numbered", number=i, label=label(name), value=shown(name, case.answers[name]))
        for i, name in enumerate(names, 1)
    )
    known = (*(Option(name, f"label.{name}") for name in names), SEND, CHANGE)
    lines = (line("review.title"), *items, *records.inventory(case), line("review.ask"))
    return Question(lines, (SEND, CHANGE, tap("human")), ("choice",), known=known)


def change_question(conversation: Conversation, today: date) -> Question:
    """Which answer to change."""
    rows = tuple(Option(n, f"label.{n}") for n in changeable(conversation.case, today))
    papers = Option("records", "label.records")
    return Question((line("ask.change"),), (*rows, papers), ("choice",), as_list=True)


def shown(name: str, given: Given) -> Any:
    """An answer in words, as a parameter of a line."""
    if given.how != "given":
        return Key(f"how.{given.how}")
    value = given.value
    match steps()[name].kind:
        case "age":
            return _age(value)
        case "yesno":
            return Key("button.yes" if value else "button.no")
        case "choices":
            return [Key(f"option.{name}.{part}") for part in value]
        case "choice" | "case_type":
            return _chosen(name, value)
        case "date" | "future_date":
            return Day(value)
    return _words(value)


def _age(value: dict[str, Any]) -> Any:
    return Day(value["birth_date"]) if "birth_date" in value else str(value["age_years"])


def _chosen(name: str, value: str) -> Any:
    if name == "case_type":
        return Key(f"case_type.{value}")
    if name == "report_language":
        return OWN_NAMES[value]
    return Key(f"option.{name}.{value}") if value in steps()[name].options else value


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return [_quoted(text) for text in value]
    if isinstance(value, dict) and "text" in value:
        return value["text"]
    if isinstance(value, dict) and "document" in value:
        return Key(f"doc.{value['document']}")
    if isinstance(value, dict):
        return "; ".join(f"{words}" for words in value.values())
    return str(value)


def _quoted(text: str) -> Any:
    return Key(text.replace("suggest:", "suggest.")) if text.startswith("suggest:") else text


def answer(conversation: Conversation, value: Any, now: datetime) -> Outcome:
    """Send, or change one thing."""
    if value == "send":
        return submit(conversation, now)
    if value == "change":
        return Outcome(at(conversation, "change"))
    return change(conversation, value)


def change(conversation: Conversation, name: str) -> Outcome:
    """Ask one question again; its answer stands until a new one is given."""
    if name == "records":
        return Outcome(at(without(conversation, "records"), "records", mode="choose"))
    return Outcome(at(conversation, name, changing=True))


def submit(conversation: Conversation, now: datetime) -> Outcome:
    """Send the case off, unless the proof of the diagnosis is still open."""
    case = conversation.case
    if checklist.proof_open(case):
        doc = checklist.proof(case)
        waivers = {name: why for name, why in case.waivers.items() if name != doc}
        after = with_case(conversation, replace(case, waivers=waivers))
        opened = at(without(after, "records"), "records", doc=doc)
        return Outcome(opened, [say(line("submit.proof_missing", doc=Key(f"doc.{doc}")))])
    sent = replace(case, status="submitting", submitted_at=now)
    return Outcome(
        at(with_case(conversation, sent), "home"), [say(*_promise(sent, now)), SubmitCase(case.id)]
    )


def _promise(case: Case, now: datetime) -> tuple[Line, ...]:
    promised = turn_around(case, now.date()).promised
    day = Day(promised.isoformat())
    return (line("submit.done", number=case.number), line("submit.promise", day=day))
