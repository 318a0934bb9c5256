"""The webhook: set, guarded, and the whole circle of a question and its answer."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.channels import Button, Refused, Reply, Webhook
from bot.channels.telegram import Telegram, open_telegram
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_polling import set_webhook
from bot.settings import SettingsError
from flows.messages import Address, Message, Update
from tests.fake_telegram import FakeTelegram, Photo, fake_telegram

pytestmark = pytest.mark.slow  # the fake checks with aiogram, in an environment of its own

TO = Address("telegram", "42", "42")


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as found:
        await found.meet(42)
        yield found


@pytest.fixture
async def channel(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    found = open_telegram(fake.settings(), Pace(per_chat=100, overall=1000))
    yield found
    await found.stop()


async def test_set_webhook(fake: FakeTelegram, channel: Telegram) -> None:
    await set_webhook(channel, "https://saathi.example/telegram")
    found = (await fake.state()).webhook
    assert found["url"] == "https://saathi.example/telegram"
    assert found["secret_token"] == channel.secret
    assert found["max_connections"] == 100
    kinds = ["message", "edited_message", "callback_query", "my_chat_member"]
    assert found["allowed_updates"] == kinds


async def test_no_webhook_without_a_secret(fake: FakeTelegram) -> None:
    channel = open_telegram(fake.settings(secret=""))
    with pytest.raises(SettingsError, match=r"channels\.telegram\.secret"):
        await set_webhook(channel, "https://saathi.example/telegram")
    assert await fake.calls() == []
    await channel.stop()


class Web:
    """What the web process does with a webhook."""

    def __init__(self, channel: Telegram) -> None:
        self.channel = channel
        self.updates: list[Update] = []

    async def take(self, request: web.Request) -> web.Response:
        webhook = Webhook(str(request.url), request.headers, await request.read())
        try:
            self.channel.verify(webhook)
            incoming = self.channel.parse(webhook)
        except Refused as refused:
            return web.Response(status=refused.status)
        self.updates += incoming.updates
        return web.Response(body=incoming.answer, content_type=incoming.media_type)


@pytest.fixture
async def hook(channel: Telegram) -> AsyncIterator[Web]:
    found = Web(channel)
    app = web.Application()
    app.router.add_post("/telegram", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await set_webhook(channel, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram")
    yield found
    await runner.cleanup()


async def test_a_question_a_tap_and_its_acknowledgement(
    fake: FakeTelegram, channel: Telegram, hook: Web
) -> None:
    asked = await channel.send(TO, Reply("Is that right?", buttons=(Button("yes", "हाँ"),)))
    assert (await fake.tap(42, "हाँ")).status == 200
    [tap] = hook.updates
    assert isinstance(tap, Message)
    assert (tap.choice, tap.text, tap.quoted) == ("yes", "हाँ", asked)
    [call] = await fake.calls("answerCallbackQuery")
    assert (call.status, call.inside_webhook) == (200, True)
    assert (await fake.state()).unanswered == []


KINDS = ["text", "photo", "photo", "voice", "sticker", "location", "contact", "text"]


async def test_everything_that_people_send(fake: FakeTelegram, hook: Web) -> None:
    hello = await fake.text(42, "hello")
    await fake.album(42, [Photo(size=10), Photo(size=20)])
    await fake.voice(42)
    await fake.sticker(42)
    await fake.location(42)
    await fake.contact(42, "+919812345678")
    await fake.edit(42, hello.message_id, "hello again")
    said = [update for update in hook.updates if isinstance(update, Message)]
    assert [message.kind for message in said] == KINDS
    assert [message.album for message in said[1:3]] == ["A1", "A1"]
    assert said[6].phone == "+919812345678"
    assert (said[-1].edited, said[-1].order) == (True, said[0].order)
    assert len({message.id for message in said}) == len(said)


async def test_a_stranger_is_refused(fake: FakeTelegram, hook: Web) -> None:
    url = (await fake.state()).webhook["url"]
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}):
            async with session.post(url, json={"update_id": 1}, headers=headers) as response:
                assert response.status == 403
    assert hook.updates == []
