"""Polling: updates without a public address, confirmed only once they are stored."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.telegram import Telegram, open_telegram
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_polling import CONFLICT, poll, set_webhook, watch
from bot.settings import SettingsError
from flows.messages import Blocked, Message, Update
from tests.fake_telegram import FakeTelegram, fake_telegram

pytestmark = pytest.mark.slow  # the fake checks with aiogram, in an environment of its own


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as found:
        await found.meet(42)
        yield found


class Inbox:
    """Takes updates; fails as often as told."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.updates: list[Update] = []
        self.more = asyncio.Event()

    async def receive(self, updates: list[Update]) -> None:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the mailbox is away")
        self.updates += updates
        self.more.set()

    async def wait_for(self, count: int) -> list[Update]:
        async with asyncio.timeout(15):
            while len(self.updates) < count:
                self.more.clear()
                await self.more.wait()
        return self.updates

    @property
    def texts(self) -> list[str]:
        return [update.text for update in self.updates if isinstance(update, Message)]


class Poller:
    """`poll` running beside a test."""

    def __init__(self, telegram: Telegram, inbox: Inbox) -> None:
        self.stop = asyncio.Event()
        self.task = asyncio.ensure_future(poll(telegram, inbox.receive, self.stop, long=5))

    async def end(self) -> float:
        started = time.monotonic()
        self.stop.set()
        await asyncio.wait_for(self.task, 5)
        return time.monotonic() - started


@pytest.fixture
async def channel(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    found = open_telegram(fake.settings(), Pace(per_chat=100, overall=1000))
    yield found
    await found.stop()


async def test_polling_brings_everything_once(fake: FakeTelegram, channel: Telegram) -> None:
    await set_webhook(channel, "https://old.example/telegram")
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await fake.until(lambda state: not state.webhook)
    await fake.text(42, "one", lang="mr")
    await fake.photo(42)
    await fake.block(42)
    one, photo, blocked = await inbox.wait_for(3)
    assert isinstance(one, Message)
    assert (one.text, one.language_hint, one.sender.key) == ("one", "mr", "telegram:42")
    assert isinstance(photo, Message)
    assert photo.kind == "photo"
    assert isinstance(blocked, Blocked)
    await fake.until(lambda state: not state.waiting)
    assert await poller.end() < 1
    assert len(inbox.updates) == 3


async def test_polling_answers_taps(fake: FakeTelegram, channel: Telegram) -> None:
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await channel.bot.send_message(
        42,
        "?",
        reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]},  # type: ignore[arg-type]
    )
    await fake.tap(42, "Yes")
    [tap] = await inbox.wait_for(1)
    assert isinstance(tap, Message)
    assert tap.choice == "yes"
    await fake.until(lambda state: not state.unanswered)
    await poller.end()


async def test_an_update_is_confirmed_only_once_it_is_stored(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(fails=1)
    await fake.text(42, "keep me")
    poller = Poller(channel, inbox)
    await inbox.wait_for(1)
    await poller.end()
    assert inbox.texts == ["keep me"]
    assert "could not be stored: ConnectionError" in caplog.text
    assert "keep me" not in caplog.text


async def test_what_was_not_confirmed_comes_again(fake: FakeTelegram, channel: Telegram) -> None:
    await fake.text(42, "keep me")
    broken = Poller(channel, Inbox(fails=99))
    await fake.until(lambda state: any(call.method == "getUpdates" for call in state.calls))
    await broken.end()
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await inbox.wait_for(1)
    await poller.end()
    assert inbox.texts == ["keep me"]


async def test_polling_outlives_errors(fake: FakeTelegram, channel: Telegram) -> None:
    for fault in ({"code": 502}, {"drop": True}):
        await fake.fault("getUpdates", **fault)
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await fake.text(42, "still here")
    await inbox.wait_for(1)
    await poller.end()
    assert inbox.texts == ["still here"]


async def test_an_odd_update_does_not_stop_polling(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    odd = '{"ok":true,"result":[{"update_id":5,"message":{"text":"odd"}}]}'
    await fake.text(42, "still here")
    await fake.fault("getUpdates", after=True, garbage=odd)
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await inbox.wait_for(1)
    await poller.end()
    assert inbox.texts == ["still here"]
    assert "odd" not in caplog.text


async def test_another_poller_is_said_plainly(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    poller = Poller(channel, Inbox())
    await fake.until(lambda state: any(call.method == "getUpdates" for call in state.calls))
    other = open_telegram(fake.settings())
    await other.bot.get_updates(timeout=0)
    await fake.until(lambda state: any(call.status == 409 for call in state.calls))
    await asyncio.sleep(0.1)
    await poller.end()
    await other.stop()
    assert CONFLICT in caplog.text


async def test_polling_with_a_wrong_token_ends(fake: FakeTelegram) -> None:
    settings = fake.settings().model_copy(update={"token": SecretStr("999:wrong")})
    channel = open_telegram(settings)
    with pytest.raises(SettingsError, match=r"channels\.telegram\.token"):
        await poll(channel, Inbox().receive, asyncio.Event())
    await channel.stop()


async def test_polling_logs_no_words(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await fake.text(42, "my name is Kamala")
    inbox = Inbox()
    poller = Poller(channel, inbox)
    await inbox.wait_for(1)
    await poller.end()
    assert [word for word in ("Kamala", fake.token) if word in caplog.text] == []


HOOK = "https://saathi.example/telegram"


async def watched(channel: Telegram, until: Callable[[], Any]) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(watch(channel, HOOK, stop, every=0.02))
    async with asyncio.timeout(10):
        while not until():
            await asyncio.sleep(0.02)
    stop.set()
    await watching


async def test_a_webhook_that_somebody_took_away_is_set_again(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await set_webhook(channel, HOOK)
    await channel.bot.delete_webhook()
    await watched(channel, lambda: "it is set again" in caplog.text)
    assert (await channel.bot.get_webhook_info()).url == HOOK


async def test_updates_that_cannot_reach_us_are_told_in_the_log(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await fake.text(42, "a private word")
    await set_webhook(channel, HOOK)
    await watched(channel, lambda: "1 updates cannot reach us: Wrong response" in caplog.text)
    assert "private" not in caplog.text
