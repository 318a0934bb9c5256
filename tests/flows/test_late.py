"""Words that others have overtaken, and that cannot be put in their place any more."""

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.effects import Say
from flows.engine import decide
from flows.messages import Message
from flows.walk import at, new_case
from nlu.meaning import Answer, Command
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


def test_the_next_words_count_however_wrong_the_order_was() -> None:
    after, _ = heard(asked(), 5, Answer("Kamla Devi", "name"))
    later, said = heard(after, 6, Answer("Kamla Devi", "name"))
    assert "again.late" not in said
    assert later != after


def test_a_late_command_is_obeyed() -> None:
    _, said = heard(asked(), 5, Command("help", ""))
    assert "again.late" not in said
