"""Taps on buttons that today's version does not have, and on those that repeat."""

import pytest

from tests.talk import Talk

QUESTION = "Who is this second opinion for?"


@pytest.fixture
def asked() -> Talk:
    """A talk at its second question."""
    talk = Talk()
    talk.say("hello")
    talk.tap("English")
    assert talk.replies[-1].text.endswith(QUESTION)
    return talk


@pytest.mark.parametrize("choice", ["!of_last_month", "!more:", "!more:x", "!", "0.gone=yes"])
def test_an_unknown_button_is_said_to_be_old(asked: Talk, choice: str) -> None:
    (reply,) = asked.say("", choice=choice)
    old = "That button belongs to an earlier question. This is the question now:"
    assert reply.text == f"{old}\n\n{QUESTION}"
    assert reply.buttons


def test_repeat_is_the_question_alone(asked: Talk) -> None:
    (reply,) = asked.say("", choice="!repeat")
    assert reply.text == QUESTION
