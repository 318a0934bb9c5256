"""Words that others have overtaken, and that cannot be put in their place any more."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from flows.conversation import Conversation, Given
from flows.effects import Effect, Line, Say
from flows.engine import decide
from flows.messages import Message
from flows.order import read_back
from flows.walk import at, new_case
from nlu.meaning import Answer, Command, Unclear
from tests.talk import ASHA, START


def asked() -> Conversation:
    fresh = new_case(Conversation("c1", ASHA, "seed", language="en"))
    return replace(at(fresh, "patient_name"), order=100)


def heard(
    before: Conversation, order: int, meaning: Answer | Command
) -> tuple[Conversation, list[str]]:
    message = Message(f"m{order}", ASHA, "Kamla Devi", order=order)
    after, effects = decide(before, message, meaning, START)
    return after, [line.key for each in effects if isinstance(each, Say) for line in each.lines]


def test_late_words_answer_nothing_and_the_person_is_told() -> None:
    after, said = heard(asked(), 5, Answer("Kamla Devi", "name"))
    assert said[0] == "again.late"
    assert after.step == "patient_name"
    assert after.case.answers == {}


def told(before: Conversation, **more: Any) -> tuple[Conversation, list[str]]:
    message = Message("m1", ASHA, "Kamla Devi", **more)
    after, effects = decide(before, message, Answer("Kamla Devi", "name"), START)
    return after, lines(effects)


def test_words_written_before_their_question_answer_nothing() -> None:
    before = replace(asked(), one_row=True)
    after, said = told(before, order=101, asked=102)
    assert said[0] == "again.unseen"
    assert (after.step, after.case.answers) == ("patient_name", {})
    assert "again.unseen" not in told(before, order=103, asked=102)[1]
    assert "again.unseen" not in told(before, order=101)[1]


def test_numbers_of_two_rows_tell_nothing() -> None:
    """Where a provider counts each side for itself, an answer may well have the lower number."""
    after, said = told(asked(), order=101, asked=102)
    assert "again.unseen" not in said
    assert not after.one_row
    assert told(asked(), order=103, asked=102)[0].one_row


@pytest.mark.parametrize(("minutes", "late"), [(-1, True), (1, False)])
def test_what_was_found_only_now_counts_unless_others_were_heard_since(
    minutes: int, *, late: bool
) -> None:
    before = replace(asked(), last_heard=START)
    said = told(before, written=START + timedelta(minutes=minutes))[1]
    assert ("again.unseen" in said) == late


def test_the_number_of_a_row_is_not_taken_for_an_age_later() -> None:
    fresh = replace(new_case(Conversation("c1", ASHA, "seed", language="en")), held="hello")
    for text in ("1", " २ ", "3."):
        message = Message("m1", ASHA, text)
        assert decide(fresh, message, Unclear(), START)[0].held == "hello"


def test_first_words_in_several_bubbles_are_held_not_scolded() -> None:
    """Nobody sees the choice of language before the second bubble is written."""
    fresh = Conversation("c1", ASHA, "seed", order=100, one_row=True)
    message = Message("m1", ASHA, "My mother has cancer", order=101, asked=102)
    after, effects = decide(fresh, message, Unclear(), START)
    assert "again.unseen" not in lines(effects)
    assert after.held == "My mother has cancer"


def test_the_next_words_count_however_wrong_the_order_was() -> None:
    after, _ = heard(asked(), 5, Answer("Kamla Devi", "name"))
    later, said = heard(after, 6, Answer("Kamla Devi", "name"))
    assert "again.late" not in said
    assert later != after


def test_a_late_command_is_obeyed() -> None:
    _, said = heard(asked(), 5, Command("help", ""))
    assert "again.late" not in said


def typed(number: int, text: str, order: int = 0) -> Message:
    return Message(f"m{number}", ASHA, text, order=order)


def read(order: int = 0, names: tuple[str, ...] = ("place", "hospital")) -> list[Effect]:
    before = asked()
    given = {name: Given("Pune", START) for name in names}
    case = replace(before.case, answers=given)
    after = replace(before, cases=(case,), last_heard=START)
    words = [typed(1, "Pune", order), typed(2, "Pune", order)]
    return read_back(before, after, words, [Say((Line("next"),))])


def lines(effects: list[Effect]) -> list[str]:
    return [line.key for each in effects if isinstance(each, Say) for line in each.lines]


def test_words_that_came_together_in_an_unknown_order_are_read_back() -> None:
    assert lines(read()) == ["again.read_back", "review.item", "review.item", "next"]


def test_known_order_or_a_single_answer_needs_no_reading_back() -> None:
    assert lines(read(order=7)) == ["next"]
    assert lines(read(names=("place",))) == ["next"]
