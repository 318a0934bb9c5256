"""A voice note on its way: fetched, kept, made words of, and handed back to the talk."""

from typing import Any, cast

import pytest

from bot import turns
from bot.app import App
from bot.channels import FetchFailed
from bot.hearing import NotHeard
from flows.effects import Listen, ReadAloud, Voice
from flows.messages import Attachment, Spoken
from flows.say import say
from tests.bot.test_turns import committed, waiting
from tests.fakes import FakeChannel, FakeDocuments, fake_app

ORDER = Listen(Attachment("voice1", "audio/ogg"), "hi")
DOCUMENT = "d" * 64


class FakeEars:
    """Hears what it is told to, or fails."""

    def __init__(self, words: str = "", failure: NotHeard | None = None) -> None:
        self.words, self.failure = words, failure
        self.heard: list[tuple[bytes, str, str]] = []

    async def hear(self, audio: bytes, mime: str, language: str) -> str:
        self.heard.append((audio, mime, language))
        if self.failure:
            raise self.failure
        return self.words


def listening(ears: Any, **channel: Any) -> App:
    sound = FakeChannel(files={"voice1": b"OggS..."}, **channel)
    return fake_app(sound, ears=ears, documents=FakeDocuments(mime="audio/ogg"))


async def listened(app: App) -> Spoken:
    await committed(app, ORDER)
    assert await turns.deliver_next(app)
    (update,) = await waiting(app)
    return cast(Spoken, update)


async def test_the_words_come_back_to_the_talk() -> None:
    ears = FakeEars("meri maa 54 ki hai")
    app = listening(ears)
    update = await listened(app)
    assert (update.text, update.tried, update.document) == ("meri maa 54 ki hai", True, DOCUMENT)
    assert ears.heard == [(b"OggS...", "audio/ogg", "hi")]


async def test_numbers_that_are_never_kept_are_not_kept_from_a_voice_either() -> None:
    update = await listened(listening(FakeEars("my card is 4111 1111 1111 1111")))
    assert "4111" not in update.text


async def test_without_ears_it_is_kept_for_the_agents() -> None:
    app = listening(None)
    update = await listened(app)
    assert (update.tried, update.text, update.document) == (False, "", DOCUMENT)


@pytest.mark.parametrize("kind", ["language", "format", "too_long", "failed", "late", "away"])
async def test_what_was_not_heard_is_kept_all_the_same(kind: Any) -> None:
    update = await listened(listening(FakeEars(failure=NotHeard(kind))))
    assert (update.tried, update.text, update.document) == (True, "", DOCUMENT)


async def test_a_note_that_is_gone_is_not_waited_for() -> None:
    app = listening(FakeEars("x"), broken=[FetchFailed("gone", permanent=True)])
    update = await listened(app)
    assert (update.tried, update.document) == (True, "")


async def test_a_provider_that_fails_is_asked_again() -> None:
    app = listening(FakeEars("x"), broken=[FetchFailed("503")])
    await committed(app, ORDER)
    assert await turns.deliver_next(app)
    assert await waiting(app) == []


class FakeMouth:
    """Says everything in one breath, or nothing."""

    def __init__(self, sound: bytes | None) -> None:
        self.sound = sound
        self.said: list[tuple[str, str]] = []

    async def say(self, text: str, language: str) -> bytes | None:
        self.said.append((text, language))
        return self.sound


@pytest.mark.parametrize("sound", [b"ID3...", None])
async def test_a_question_is_sent_with_its_recording_or_as_it_is(sound: bytes | None) -> None:
    mouth, channel = FakeMouth(sound), FakeChannel()
    app = fake_app(channel, mouth=mouth, documents=FakeDocuments(mime="audio/mpeg"))
    await committed(app, ReadAloud(say("ask.adult_writer", voice=Voice("en"))))
    assert await turns.deliver_next(app)
    (reply,) = channel.sent
    assert mouth.said == [(reply.text, "en")]
    assert (reply.file.mime if reply.file else None) == ("audio/mpeg" if sound else None)
