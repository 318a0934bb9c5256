"""Our HTTP client for python-telegram-bot, and polling: real connections to the strict fake."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from telegram import Bot, InputFile, Message
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from bot.channels.telegram_http import AiohttpRequest
from tests.fake_telegram import FakeTelegram, fake_telegram

pytestmark = pytest.mark.slow  # the fake checks with aiogram, in an environment of its own


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as found:
        await found.meet(42)
        yield found


def a_bot(fake: FakeTelegram, http: AiohttpRequest) -> Bot:
    return Bot(
        fake.token, base_url=f"{fake.url}/bot", base_file_url=f"{fake.url}/file/bot", request=http
    )


@pytest.fixture
async def http() -> AsyncIterator[AiohttpRequest]:
    found = AiohttpRequest(connections=2, read=0.5, pool=0.3)
    yield found
    await found.shutdown()


async def test_a_session_of_ptb_itself(fake: FakeTelegram) -> None:
    async with a_bot(fake, AiohttpRequest()) as bot:
        assert bot.username == fake.username
        sent = await bot.send_message(42, "नमस्ते")
        assert await fake.heard(42) == ["नमस्ते"]
        assert sent.text == "नमस्ते"
        changed = await bot.edit_message_text("hello", 42, sent.message_id)
        assert isinstance(changed, Message)
        assert changed.message_id == sent.message_id
    assert await fake.heard(42) == ["hello"]


async def test_bytes_and_open_files_go_up_and_come_down(
    fake: FakeTelegram, http: AiohttpRequest
) -> None:
    bot = a_bot(fake, http)
    data = bytes(range(256)) * 2000
    up = InputFile(data, filename="scan.pdf")
    sent = await bot.send_document(42, up, caption='["é"]', read_timeout=5)
    assert sent.document
    assert sent.document.file_name == "scan.pdf"
    assert (await fake.transcript(42))[-1]["caption"] == '["é"]'
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == data


async def test_a_slow_answer_times_out_though_the_message_went(
    fake: FakeTelegram, http: AiohttpRequest
) -> None:
    await fake.fault("sendMessage", delay=2, after=True)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        await a_bot(fake, http).send_message(42, "hello")
    assert 0.4 < time.monotonic() - started < 1.9
    assert await fake.heard(42) == ["hello"]


async def test_the_caller_s_time_limit_wins(fake: FakeTelegram, http: AiohttpRequest) -> None:
    await fake.fault("sendMessage", delay=1)
    await a_bot(fake, http).send_message(42, "hello", read_timeout=8)
    assert await fake.heard(42) == ["hello"]


async def test_a_full_pool_times_out(fake: FakeTelegram) -> None:
    http = AiohttpRequest(connections=1, read=5, pool=0.2, connect=0.2)
    bot = a_bot(fake, http)
    await fake.fault("sendMessage", delay=2)
    slow = asyncio.ensure_future(bot.send_message(42, "slow"))
    await asyncio.sleep(0.2)
    with pytest.raises(TimedOut):
        await bot.send_message(42, "no room")
    await slow
    await http.shutdown()


async def test_nobody_there(fake: FakeTelegram, http: AiohttpRequest) -> None:
    bot = Bot(fake.token, base_url="http://127.0.0.1:9/bot", request=http)
    with pytest.raises(NetworkError) as failed:
        await bot.get_me()
    assert not isinstance(failed.value, BadRequest)
    assert fake.token not in f"{failed.value!r}{failed.value.__cause__!r}"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/file/bot1:SECRET/x", "bot1:SECRET/x", ""])
async def test_errors_of_a_download_hold_no_url(http: AiohttpRequest, url: str) -> None:
    with pytest.raises(TelegramError) as failed:
        _ = [chunk async for chunk in http.stream(url)]
    assert "SECRET" not in f"{failed.value!r}{failed.value.__cause__!r}"
