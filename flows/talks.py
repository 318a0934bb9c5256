"""Which module asks and hears which step: the steps that are not fields of the form."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from flows import anytime, fields, home, opening, page_order, records, review, voice
from flows.conversation import Conversation
from flows.outcome import Outcome
from flows.question import Question, field_question, questions_question
from flows.steps import steps


class Talk(Struct, frozen=True):
    """How a step is asked and how its answer is heard."""

    ask: Callable[[Conversation, date], Question]
    hear: Callable[[Conversation, Any, datetime], Outcome]


TALKS = {
    "language": Talk(lambda c, _: opening.language(c), opening.choose_language),
    "home": Talk(lambda c, _: home.question(c), home.answer),
    "offered": Talk(lambda c, _: opening.offered(c), opening.take_offer),
    "declined": Talk(
        lambda c, _: opening.declined(c), lambda c, _, now: opening.start_again(c, now)
    ),
    "records": Talk(records.question, records.answer),
    "missing": Talk(records.question, records.answer),
    "pages": Talk(lambda c, _: page_order.question(c), lambda c, v, _: page_order.answer(c, v)),
    "review": Talk(review.question, review.answer),
    "change": Talk(review.change_question, lambda c, value, _: review.change(c, value)),
    "slot": Talk(
        lambda c, _: home.slot_question(c), lambda c, value, _: home.choose_slot(c, value)
    ),
    "erase": Talk(lambda _, __: anytime.erase_question(), anytime.erase),
    "erased": Talk(
        lambda _, __: opening.erased(),
        lambda c, _, now: opening.choose_language(c, c.language, now),
    ),
}


def question(conversation: Conversation, today: date) -> Question:
    """The pending question of a conversation."""
    pending = _pending(conversation, today)
    return voice.question(conversation, pending) if conversation.heard else pending


def _pending(conversation: Conversation, today: date) -> Question:
    if talk := TALKS.get(conversation.step):
        return talk.ask(conversation, today)
    if conversation.step == "questions":
        return questions_question(conversation)
    return field_question(conversation, steps()[conversation.step], today)


def hear(conversation: Conversation, kind: str, value: Any, now: datetime) -> Outcome:
    """What an answer to the pending question comes to."""
    if talk := TALKS.get(conversation.step):
        return talk.hear(conversation, value, now)
    return fields.answer(conversation, kind, value, now)
