"""Voice notes and a model's guesses: kept, read back, and counted after a yes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.understand import meaning_of
from flows.conversation import Case, Given, Heard
from flows.effects import CallAgent, Effect, Key, Listen, ReadAloud, Say
from flows.engine import decide
from flows.messages import Attachment, Spoken
from nlu.meaning import Answer, Command, Guess, Meaning, Unclear
from tests.talk import ASHA, START, Talk, no_intent

NOTE = Attachment("voice1", "audio/ogg", "", 900)
AGE = "age_or_birth"


def given(**values: Any) -> dict[str, Given]:
    return {name: Given(value, START) for name, value in values.items()}


@pytest.fixture
def talk() -> Talk:
    """A talk that waits for the patient's age, all consents given."""
    talk = Talk()
    answers = given(
        writer_relation="parent", consent_data=True, consent_panel=True, patient_agrees="yes"
    )
    talk.conversation = replace(
        talk.conversation, language="en", step=AGE, cases=(Case("k1", "S1", answers),)
    )
    return talk


def heard(talk: Talk, text: str, **more: Any) -> list[Effect]:
    """A voice note that turned out to say something."""
    update = Spoken(f"spoken:{len(talk.effects)}", ASHA, "d1", "audio/ogg", True, text, **more)
    return decided(talk, update, understood(talk, text))


def understood(talk: Talk, text: str) -> Meaning:
    said = talk._message(text=text)
    return asyncio.run(
        meaning_of(talk.wording, no_intent, talk.conversation, said, talk.now.date())
    )


def decided(talk: Talk, update: Any, meaning: Meaning) -> list[Effect]:
    talk.conversation, effects = decide(talk.conversation, update, meaning, talk.now)
    talk.now += timedelta(seconds=20)
    talk.effects += effects
    return effects


def keys(effects: list[Effect]) -> list[str]:
    return [line.key for each in effects if isinstance(each, Say) for line in each.lines]


@pytest.mark.parametrize(
    ("audible", "key", "asked"),
    [(True, "voice.listening", False), (False, "voice.kept", True)],
)
def test_a_note_is_kept_and_its_sender_told(
    talk: Talk, audible: bool, key: str, asked: bool
) -> None:
    note = talk._message(kind="voice", attachments=(NOTE,), audible=audible)
    effects = decided(talk, note, Unclear())
    assert Listen(NOTE, "en") in effects
    assert keys(effects)[0] == key
    assert (f"ask.{AGE}" in keys(effects)) is asked


def test_before_the_consents_nothing_is_kept(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, cases=(Case("k1", "S1"),), step="writer_name")
    effects = decided(talk, talk._message(kind="voice", attachments=(NOTE,)), Unclear())
    assert not [each for each in effects if isinstance(each, Listen)]
    assert keys(effects)[0] == "again.voice"


def test_what_was_heard_counts_after_a_yes(talk: Talk) -> None:
    effects = heard(talk, "she is fifty four")
    assert keys(effects) == ["heard.words"]
    assert AGE not in talk.conversation.case.answers
    talk.say("yes")
    assert talk.conversation.case.value(AGE)["age_years"] == 54
    assert talk.conversation.heard is None


def test_after_a_no_the_question_stands_again(talk: Talk) -> None:
    heard(talk, "she is fifty four")
    (reply,) = talk.say("no")
    assert reply.text.startswith("Thank you. Then please say it once more")
    assert talk.conversation.step == AGE
    assert AGE not in talk.conversation.case.answers


def test_a_tap_confirms(talk: Talk) -> None:
    heard(talk, "she is fifty four")
    talk.say("", choice="0.heard=yes")
    assert talk.conversation.case.value(AGE)["age_years"] == 54


def test_whoever_answers_instead_is_heard(talk: Talk) -> None:
    heard(talk, "she is fifty four")
    talk.say("45")
    assert talk.conversation.case.value(AGE)["age_years"] == 45


def test_a_command_that_was_spoken_is_obeyed_after_a_yes(talk: Talk) -> None:
    assert keys(heard(talk, "how much does it cost")) == ["heard.words"]
    (reply,) = talk.say("yes")
    assert "₹ 3,000" in reply.text


def test_danger_is_not_read_back(talk: Talk) -> None:
    effects = heard(talk, "my mother cannot breathe")
    assert keys(effects)[0].startswith("card.")
    assert CallAgent("red_flag.cannot_breathe", urgent=True) in effects
    assert talk.conversation.heard is None


def test_nothing_understood_is_said_kindly(talk: Talk) -> None:
    effects = heard(talk, "")
    assert keys(effects) == ["voice.unclear", f"ask.{AGE}"]
    assert [note.document for note in talk.conversation.notes] == ["d1"]


def test_while_a_person_holds_the_chat_the_bot_is_silent(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, holder="agent")
    note = talk._message(kind="voice", attachments=(NOTE,), audible=True)
    assert decided(talk, note, Unclear()) == [Listen(NOTE, "en")]
    assert heard(talk, "she is fifty four") == []
    assert talk.conversation.notes


def test_a_guess_is_read_back(talk: Talk) -> None:
    effects = decided(talk, talk._message(text="old"), Guess(Answer(54, "age")))
    assert keys(effects) == ["heard.guess"]
    talk.say("yes")
    assert talk.conversation.case.value(AGE)["age_years"] == 54


def test_a_guessed_row_is_shown_by_its_words(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, step="sex")
    effects = decided(talk, talk._message(text="hmm"), Guess(Answer("female", "sex")))
    (say,) = [each for each in effects if isinstance(each, Say)]
    assert say.lines[0].params["value"] == Key("option.sex.female")


async def last(*_: Any) -> Meaning:
    return Answer(54, "age")


async def told(*_: Any) -> Meaning:
    return Command("cost")


async def obeyed(*_: Any) -> Meaning:
    return Command("skip")


@pytest.mark.parametrize(
    ("stronger", "meaning"),
    [(last, Guess(Answer(54, "age"))), (told, Command("cost")), (obeyed, Unclear())],
)
async def test_a_stronger_reader_is_asked_last(talk: Talk, stronger: Any, meaning: Meaning) -> None:
    said = talk._message(text="qwerty zxcv")
    found = await meaning_of(
        talk.wording, no_intent, talk.conversation, said, START.date(), stronger
    )
    assert found == meaning


async def test_a_clear_answer_asks_nobody(talk: Talk) -> None:
    async def never(*_: Any) -> Meaning:
        raise AssertionError("asked")

    said = talk._message(text="54")
    found = await meaning_of(talk.wording, no_intent, talk.conversation, said, START.date(), never)
    assert found == Answer(54, "age")


def test_a_speaker_button_where_questions_can_be_read_aloud(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, step="adult_writer")
    talk.say("what", readable=True)
    assert talk.titles[-1] == "🔊"
    effects = decided(talk, talk._message(choice="!aloud", readable=True), Unclear())
    (order,) = [each for each in effects if isinstance(each, ReadAloud)]
    assert order.say.voice.language == "en"
    assert [line.key for line in order.say.lines] == ["ask.adult_writer"]
    assert not [each for each in effects if isinstance(each, Say)]


@pytest.mark.parametrize(("language", "readable"), [("ta", True), ("en", False)])
def test_no_speaker_where_nobody_speaks(talk: Talk, language: str, readable: bool) -> None:
    talk.conversation = replace(talk.conversation, step="adult_writer", language=language)
    talk.say("qwerty", readable=readable)
    assert "🔊" not in talk.titles


def test_what_waits_for_a_yes_survives_the_store() -> None:
    from msgspec import json

    from flows.conversation import Conversation

    before = Conversation("c1", ASHA, "5eed", heard=Heard(Answer(54, "age"), "she is 54"))
    assert json.decode(json.encode(before), type=Conversation) == before
