"""Thirty days of silence, and the person writes again."""

from datetime import timedelta

from tests.talk import Talk

QUESTION = "Who is this second opinion for?"
WELCOME = "Welcome back."


def silent_for(days: float) -> Talk:
    """A talk at its second question, left alone since."""
    talk = Talk()
    talk.say("hello")
    talk.tap("English")
    talk.now += timedelta(days=days)
    return talk


def test_a_hello_gets_a_welcome_and_the_same_question() -> None:
    talk = silent_for(30)
    (reply,) = talk.say("hello")
    assert reply.text.startswith(WELCOME)
    assert reply.text.endswith(QUESTION)
    assert len(reply.text.split("\n\n")) == 2
    assert talk.conversation.misses == 0


def test_what_is_not_understood_then_is_no_misunderstanding() -> None:
    talk = silent_for(31)
    (reply,) = talk.say("are you still there qwrt")
    assert reply.text.startswith(WELCOME)
    assert reply.text.endswith(QUESTION)
    assert talk.conversation.misses == 0


def test_an_answer_is_taken() -> None:
    talk = silent_for(30)
    talk.tap("My parent")
    assert talk.conversation.step != "writer_relation"
    assert talk.replies[-1].text.startswith(WELCOME)
    assert QUESTION not in talk.replies[-1].text


def test_the_welcome_comes_once() -> None:
    talk = silent_for(30)
    talk.say("hello")
    assert not any(reply.text.startswith(WELCOME) for reply in talk.say("hello"))


def test_not_before_thirty_days() -> None:
    assert not any(reply.text.startswith(WELCOME) for reply in silent_for(29).say("hello"))


def test_an_alarm_is_heard_first() -> None:
    texts = [reply.text for reply in silent_for(40).say("she cannot breathe")]
    assert texts
    assert not any(text.startswith(WELCOME) for text in texts)


def test_after_a_stop_one_welcome_is_enough() -> None:
    talk = silent_for(0)
    talk.say("stop")
    talk.now += timedelta(days=40)
    (reply,) = talk.say("hello")
    assert reply.text.count(WELCOME) == 1
