"""The strict fake refuses what Telegram refuses, and repeats what it repeats."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.channels.telegram_http import AiohttpRequest
from tests.fake_telegram import SECRET, FakeTelegram, fake_telegram

pytestmark = pytest.mark.slow  # the fake checks with aiogram, in an environment of its own

HOOK = "https://saathi.example/telegram"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as found:
        await found.meet(42)
        yield found


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    http = AiohttpRequest()
    base = f"{fake.url}/bot"
    yield Bot(fake.token, base_url=base, base_file_url=f"{fake.url}/file/bot", request=http)
    await http.shutdown()


def keys(*data: str, per_row: int = 1) -> InlineKeyboardMarkup:
    buttons = [InlineKeyboardButton("a", callback_data=one) for one in data]
    rows = [buttons[at : at + per_row] for at in range(0, len(buttons), per_row)]
    return InlineKeyboardMarkup(rows)


def wrong_token(bot: Bot) -> Bot:
    return Bot("1:wrong", base_url=bot.base_url.removesuffix(bot.token), request=bot.request)


Step = Callable[[Bot], Awaitable[Any]]

REFUSED: list[Any] = [
    pytest.param(lambda b: b.send_message(42, "क" * 4097), BadRequest, id="4097 letters"),
    pytest.param(lambda b: b.send_message(42, "🙏" * 2049), BadRequest, id="4098 UTF-16 units"),
    pytest.param(lambda b: b.send_message(42, "  "), BadRequest, id="blank text"),
    pytest.param(lambda b: b.send_message(43, "x"), BadRequest, id="never pressed start"),
    pytest.param(
        lambda b: b.send_message(42, "x", reply_markup=keys("भाषा:" + "x" * 52)),
        BadRequest,
        id="65 bytes of callback data",
    ),
    pytest.param(
        lambda b: b.send_message(42, "x", reply_markup=keys(*map(str, range(101)))),
        BadRequest,
        id="101 buttons",
    ),
    pytest.param(
        lambda b: b.send_message(42, "x", reply_markup=keys(*map(str, range(9)), per_row=9)),
        BadRequest,
        id="9 in a row",
    ),
    pytest.param(lambda b: b.send_message(42, "<b>x", parse_mode="HTML"), BadRequest, id="HTML"),
    pytest.param(lambda b: b.edit_message_text("y", 42, 999), BadRequest, id="edit of nothing"),
    pytest.param(
        lambda b: b.send_document(42, b"x", caption="c" * 1025), BadRequest, id="long caption"
    ),
    pytest.param(lambda b: b.send_document(42, b""), BadRequest, id="empty file"),
    pytest.param(
        lambda b: b.send_document(42, bytes(50 * 2**20 + 1)), NetworkError, id="50 MB and 1 byte"
    ),
    pytest.param(
        lambda b: b.send_photo(42, bytes(10 * 2**20 + 1)), BadRequest, id="10 MB photo and 1 byte"
    ),
    pytest.param(lambda b: b.answer_callback_query("zzz"), BadRequest, id="unknown query"),
    pytest.param(lambda b: b.send_photo(42, "AgADnope"), BadRequest, id="unknown file id"),
    pytest.param(lambda b: b.get_file("nope"), BadRequest, id="unknown file"),
    pytest.param(
        lambda b: b.send_message(42, "x", api_kwargs={"colour": "red"}),
        BadRequest,
        id="unknown parameter",
    ),
    pytest.param(
        lambda b: b.send_message(42, "x", api_kwargs={"reply_parameters": {"message_id": "a"}}),
        BadRequest,
        id="wrong type",
    ),
    pytest.param(lambda b: b.set_webhook("http://saathi.example/"), BadRequest, id="no https"),
    pytest.param(lambda b: b.set_webhook(HOOK, secret_token="é"), BadRequest, id="bad secret"),
    pytest.param(
        lambda b: b.set_webhook(HOOK, max_connections=101), BadRequest, id="101 connections"
    ),
    pytest.param(
        lambda b: Bot(
            "1:wrong", base_url=b.base_url.rpartition("bot")[0] + "bot", request=b.request
        ).get_me(),
        InvalidToken,
        id="wrong token",
    ),
]


@pytest.mark.parametrize(("step", "error"), REFUSED)
async def test_refuses(bot: Bot, step: Step, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        await step(bot)
    assert type(refused.value) is error


async def test_the_longest_of_everything_passes(bot: Bot) -> None:
    await bot.send_message(42, "🙏" * 2048)
    await bot.send_message(42, "<b>x</b>", parse_mode="HTML")
    await bot.send_message(42, "x", reply_markup=keys("x" * 64))
    await bot.send_document(42, b"x", caption="c" * 1024)
    await bot.set_webhook("https://saathi.example:8443/", secret_token="a" * 256)


async def test_an_edit_must_change_something(bot: Bot) -> None:
    sent = await bot.send_message(42, "x", reply_markup=keys("1"))
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("x", 42, sent.message_id, reply_markup=keys("1"))
    await bot.edit_message_text("x", 42, sent.message_id)


async def test_a_query_is_answered_once(fake: FakeTelegram, bot: Bot) -> None:
    await bot.send_message(42, "x", reply_markup=keys("1"))
    await fake.tap(42, "1")
    [query] = (await fake.state()).unanswered
    await bot.answer_callback_query(query)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)


async def test_no_get_updates_beside_a_webhook(bot: Bot) -> None:
    await bot.set_webhook(HOOK)
    with pytest.raises(Conflict):
        await bot.get_updates()


async def test_blocked_and_too_fast(fake: FakeTelegram, bot: Bot) -> None:
    await fake.at_most(per_second=1)
    await bot.send_message(42, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(42, "x")
    await fake.block(42)
    with pytest.raises(Forbidden):
        await bot.send_message(42, "x")


class Hook:
    """A webhook that answers as told."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.secrets: list[str] = []
        self.statuses: list[int] = []
        self.answer: dict[str, Any] | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.updates.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        status = self.statuses.pop(0) if self.statuses else 200
        if self.answer and status == 200:
            return web.json_response(self.answer)
        return web.Response(status=status)


@pytest.fixture
async def hook(bot: Bot) -> AsyncIterator[Hook]:
    found = Hook()
    app = web.Application()
    app.router.add_post("/telegram", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(
        f"http://127.0.0.1:{runner.addresses[0][1]}/telegram",
        secret_token=SECRET,
        allowed_updates=["message", "callback_query"],
    )
    yield found
    await runner.cleanup()


async def test_a_webhook_gets_the_secret_and_only_what_it_allowed(
    fake: FakeTelegram, hook: Hook
) -> None:
    assert (await fake.text(42, "hello")).status == 200
    assert (await fake.block(42)).dropped
    assert [update["message"]["text"] for update in hook.updates] == ["hello"]
    assert hook.secrets == [SECRET]


async def test_what_was_not_taken_is_brought_again(fake: FakeTelegram, hook: Hook) -> None:
    hook.statuses = [500, 503]
    done = await fake.text(42, "hello")
    assert done.status == 200
    assert [update["update_id"] for update in hook.updates] == [done.update_id] * 3
    await fake.again(done.update_id)
    assert len(hook.updates) == 4


async def test_a_method_in_the_answer_is_called(fake: FakeTelegram, bot: Bot, hook: Hook) -> None:
    await bot.send_message(42, "x", reply_markup=keys("1"))
    hook.answer = {"method": "answerCallbackQuery", "callback_query_id": "Q1"}
    await fake.tap(42, "1")
    [call] = await fake.calls("answerCallbackQuery")
    assert (call.inside_webhook, call.status) == (True, 200)
    assert (await fake.state()).unanswered == []


async def test_every_repeat_is_seen(fake: FakeTelegram, bot: Bot) -> None:
    for text in ("once", "twice", "twice"):
        await bot.send_message(42, text)
    assert await fake.repeated() == [(42, "twice")]


async def test_a_stream_without_a_length_is_refused(fake: FakeTelegram) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x"

    form = aiohttp.FormData({"chat_id": "42"})
    form.add_field("document", parts(), filename="x.pdf")
    url = f"{fake.url}/bot{fake.token}/sendDocument"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        assert response.status == 411
