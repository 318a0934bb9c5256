"""How a talk begins: the language, what the first message already says, the permission."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from flows import checklist
from flows.conversation import Conversation
from flows.data import table
from flows.effects import Effect, Key, Line, Option
from flows.messages import Message
from flows.outcome import Outcome
from flows.papers import save, slot_of
from flows.question import YES_NO, Question, language_question
from flows.say import line, say
from flows.steps import steps
from flows.walk import answered, at, go_on, new_case
from nlu import CASE_TYPES, extract, likely, place


def early(conversation: Conversation) -> bool:
    """Before anything but who is writing was asked."""
    step = steps().get(conversation.step)
    return conversation.step == "language" or (step is not None and step.section == "who")


def hold(conversation: Conversation, message: Message) -> Conversation:
    """Keep a first message until the consents; it may already hold half the form."""
    # A bare number is the row of a list.
    if message.text.startswith("/") or not any(sign.isalpha() for sign in message.text):
        return conversation
    together = "\n".join(filter(None, (conversation.held, message.text)))
    return replace(conversation, held=together[:2000])


def guessed(before: Conversation, message: Message) -> Conversation:
    """What the first messages tell of the language: which ones to offer first."""
    if before.language or before.step != "language":
        return before
    said = "" if message.text.startswith("/") else message.text
    found = likely(said, message.language_hint, message.phone, message.profile_name)
    return replace(before, detail={**before.detail, "likely": list(found)})


def language(conversation: Conversation) -> Question:
    """The question of the language; the detected one stands first."""
    first = conversation.detail.get("likely", ("hi", "en"))
    question = language_question(tuple(first))
    if conversation.language or conversation.misses > 1:
        return question
    return replace(question, lines=(line("welcome"), *question.lines))


def choose_language(conversation: Conversation, code: str, now: datetime) -> Outcome:
    """Take the language and go on: to the form, or back to where the person was."""
    back = conversation.detail.get("back")
    chosen = replace(conversation, language=code)
    if back:
        return Outcome(at(chosen, back["step"], **back["detail"]))
    if not chosen.cases:
        return Outcome(go_on(new_case(chosen), now.date()), [say("hello")])
    return Outcome(go_on(chosen, now.date()))


def offered(conversation: Conversation) -> Question:
    """What the person already told, to be confirmed in one go."""
    items = tuple(
        line("review.item", label=Key(f"label.{name}"), value=shown(name, value))
        for name, value in conversation.offered.items()
    )
    return Question((line("offered.intro"), *items, line("offered.ask")), YES_NO, ("yesno",))


def shown(name: str, value: Any) -> Any:
    """An offered value in words."""
    match name:
        case "age_or_birth":
            return str(value["age_years"])
        case "sex":
            return Key(f"option.sex.{value}")
        case "case_type":
            return Key(f"case_type.{value}")
        case "place":
            return value["text"]
    return str(value)


def take_offer(conversation: Conversation, value: Any, now: datetime) -> Outcome:
    """Yes fills the answers in; no erases what was held."""
    after = replace(conversation, held="", offered={})
    if value in (True, "yes"):
        for name, known in conversation.offered.items():
            after = answered(after, name, known, now)
        return Outcome(go_on(after, now.date()), [say("offered.taken")])
    return Outcome(go_on(after, now.date()), [say("offered.erased")])


def after_consent(conversation: Conversation, now: datetime) -> Outcome:
    """All consents are in: what was held may be kept now."""
    orders: list[Effect] = []
    lines: list[Line | str] = []
    if files := conversation.held_files:
        slot = slot_of(conversation, now)
        conversation, orders = save(conversation, slot, f"{conversation.case.id}.held", files)
        lines.append("papers.taken")
    effects: list[Effect] = [say(*lines)] if lines else []
    offered = told_before(conversation, now.date())
    after = replace(conversation, held="", held_files=(), offered=offered)
    return Outcome(go_on(after, now.date()), [*effects, *orders])


def told_before(conversation: Conversation, today: date) -> dict[str, Any]:
    """What the held first message says, by field, as far as it is still to be asked."""
    return told_in(conversation.held, conversation, today) if conversation.held else {}


def told_in(text: str, conversation: Conversation, today: date) -> dict[str, Any]:
    """What a text says without doubt, by field, as far as it is still to be asked."""
    told = extract(text, conversation.language, today)
    found: dict[str, Any] = {}
    if "age" in told:
        found["age_or_birth"] = {"age_years": told["age"], "birth_year": today.year - told["age"]}
    if "sex" in told:
        found["sex"] = told["sex"]
    if "city" in told:
        found["place"] = place(told["city"])
    kind = CASE_TYPES.get(told.get("cancer_type", ""), "")
    if kind in checklist.types():
        found["case_type"] = kind
    return {name: value for name, value in found.items() if name not in conversation.case.answers}


def decline(conversation: Conversation) -> Outcome:
    """No permission: nothing is kept beyond the no; the door stays open."""
    case = replace(conversation.case, answers={}, papers={}, waivers={})
    cases = (*conversation.cases[: conversation.current], case)
    after = replace(
        conversation, cases=cases, held="", held_files=(), offered={}, trail=(), profile_name=""
    )
    return Outcome(at(after, "declined"), [say("consent.declined")])


def declined(conversation: Conversation) -> Question:
    """After a no: the way back in, and a person to talk to."""
    options = (Option("again", "button.start_again"), Option("!human", "button.human"))
    return Question((line("ask.declined"),), options, ("choice",))


def erased() -> Question:
    """After everything was deleted: the way to begin anew."""
    return Question((line("ask.erased"),), (Option("again", "button.start_again"),), ("choice",))


def start_again(conversation: Conversation, now: datetime) -> Outcome:
    """The person changed their mind after a no."""
    return Outcome(go_on(conversation, now.date()))


def notice() -> tuple[Line, ...]:
    """The notice that stands before the first consent."""
    return tuple(line(f"notice.{name}") for name in table("safety")["notice"]["lines"])
