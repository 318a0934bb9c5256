"""Telegram: recorded webhooks, and real calls to a strict fake."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import telegram as ptb
from pydantic import SecretStr

from bot.channels import (
    Button,
    Channel,
    FetchFailed,
    Incoming,
    OutFile,
    Refused,
    Reply,
    SendFailed,
    Webhook,
)
from bot.channels.telegram import Telegram, open_telegram
from bot.channels.telegram_pace import Pace
from bot.settings import SettingsError
from bot.settings import Telegram as TelegramSettings
from flows.messages import Address, Attachment, Blocked, Message, Update
from tests.fake_telegram import SECRET, FakeTelegram, Photo, fake_telegram

pytestmark = pytest.mark.slow  # the fake checks with aiogram, in an environment of its own

PAYLOADS = Path(__file__).parent.parent / "payloads/telegram"
ASHA = Address("telegram", "4201", "4201")
TO = Address("telegram", "42", "42")
ABOUT: dict[str, Any] = {"profile_name": "Asha Fictional", "language_hint": "hi"}


def said(kind: str = "text", **what: Any) -> Message:
    return Message("u", ASHA, kind=kind, **{"order": 51, **ABOUT, **what})


LARGE = Attachment("F-large", "image/jpeg", "", 98765)
PDF = Attachment("F-pdf", "application/pdf", "रिपोर्ट.pdf", 1234)


def file(kind: str, ref: str, mime: str, name: str = "") -> Message:
    return said(kind, attachments=(Attachment(ref, mime, name, 1234),))


PARSED = [
    pytest.param("text", said(text="नमस्ते 🙏"), id="text"),
    pytest.param("start", said(text="/start"), id="start"),
    pytest.param("start_link", said(start="clinic_12-A"), id="start by a link"),
    pytest.param("edited", said(text="breast", edited=True), id="edited"),
    pytest.param("reply", said(text="yes", quoted="48"), id="reply to a message"),
    pytest.param("tap", said(text="हाँ", choice="yes", quoted="50", order=0), id="tap"),
    pytest.param("tap_old", said(choice="yes", quoted="12", order=0), id="tap, message gone"),
    pytest.param("photo", said("photo", text="biopsy page 1", attachments=(LARGE,)), id="photo"),
    pytest.param("document", said("document", attachments=(PDF,)), id="document"),
    pytest.param(
        "document_bare",
        said("document", attachments=(Attachment("F-bare"),)),
        id="document without name, type and size",
    ),
    pytest.param("album", said("photo", attachments=(LARGE,), album="13800000000001"), id="album"),
    pytest.param("voice", file("voice", "F-voice", "audio/ogg"), id="voice"),
    pytest.param("audio", file("audio", "F-audio", "audio/mp4", "note.m4a"), id="audio"),
    pytest.param("video", file("video", "F-video", "video/mp4", "scan.mp4"), id="video"),
    pytest.param("video_note", file("video", "F-round", "video/mp4"), id="round video"),
    pytest.param("animation", file("video", "F-gif", "video/mp4", "x.mp4"), id="animation"),
    pytest.param("sticker", said("sticker"), id="sticker"),
    pytest.param("location", said("location"), id="location"),
    pytest.param("contact", said("contact", phone="+919812345678"), id="own card"),
    pytest.param("contact_other", said("contact"), id="somebody else's card"),
    pytest.param("contact_card", said("contact"), id="a card without an account"),
    pytest.param("poll", said("other"), id="what we cannot read"),
    pytest.param("new_field", said(text="hello"), id="a field from the future"),
    pytest.param("blocked", Blocked("u", ASHA, True), id="blocked"),
    pytest.param("unblocked", Blocked("u", ASHA, False), id="let in again"),
]
IGNORED = [
    "live_location",
    "pinned",
    "group",
    "group_added",
    "group_tap",
    "channel_post",
    "from_a_bot",
    "new_kind",
    "tap_game",
]


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def offline() -> Telegram:
    return open_telegram(TelegramSettings(token=SecretStr("1:x"), secret=SecretStr(SECRET)))


def parse(body: bytes) -> Incoming:
    return offline().parse(Webhook("https://saathi.example/telegram", {}, body))


def updates(name: str) -> list[Update]:
    return parse(payload(name)).updates


@pytest.mark.parametrize(("name", "expected"), PARSED)
def test_parse(name: str, expected: Message | Blocked) -> None:
    expected_id = str(json.loads(payload(name))["update_id"])
    [found] = updates(name)
    assert isinstance(found, Message | Blocked)
    assert found.id == expected_id
    assert type(found)(**{**fields(found), "id": "u"}) == expected


def fields(update: Update) -> dict[str, Any]:
    return {name: getattr(update, name) for name in update.__struct_fields__}


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_not_for_us_is_no_update(name: str) -> None:
    assert updates(name) == []


def test_every_payload_is_tested() -> None:
    named = {str(case.values[0]) for case in PARSED} | set(IGNORED)
    assert {path.stem for path in PAYLOADS.glob("*.json")} == named


@pytest.mark.parametrize(
    "name", [str(case.values[0]) for case in PARSED if isinstance(case.values[1], Message)]
)
def test_python_telegram_bot_reads_the_same(name: str) -> None:
    [ours] = updates(name)
    theirs = ptb.Update.de_json(json.loads(payload(name)))
    assert theirs.effective_chat
    assert theirs.effective_user
    assert isinstance(ours, Message)
    assert ours.id == str(theirs.update_id)
    assert ours.sender.id == str(theirs.effective_chat.id)
    assert ours.profile_name == theirs.effective_user.full_name
    assert ours.language_hint == theirs.effective_user.language_code
    if query := theirs.callback_query:
        assert query.message
        assert (ours.choice, ours.quoted) == (query.data, str(query.message.message_id))
    else:
        assert_same_message(ours, theirs.effective_message)


def assert_same_message(ours: Message, theirs: ptb.Message | None) -> None:
    assert theirs
    assert ours.order == theirs.message_id
    assert ours.album == (theirs.media_group_id or "")
    if not ours.start:
        assert ours.text == (theirs.text or theirs.caption or "")
    found: Any = theirs.effective_attachment
    if theirs.photo:
        found = max(theirs.photo, key=lambda size: size.width * size.height)
    if ours.attachments:
        assert ours.attachments[0].ref == found.file_id
        assert ours.attachments[0].size == (found.file_size or 0)


@pytest.mark.parametrize("name", ["tap", "tap_old", "tap_game", "group_tap"])
def test_a_tap_is_acknowledged_in_the_answer(name: str) -> None:
    incoming = parse(payload(name))
    query = json.loads(payload(name))["callback_query"]["id"]
    assert json.loads(incoming.answer) == {
        "method": "answerCallbackQuery",
        "callback_query_id": query,
    }
    assert incoming.media_type == "application/json"


NO_JSON = [b"", b"{", b"\xff\xfe", b'{"x":' + b"[" * 100_000, b'{"update_id":1}x']


@pytest.mark.parametrize("body", NO_JSON)
def test_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(body)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"1", b'{"update_id":"x"}', b'{"update_id":1,"message":{"text":5}}']
)
def test_json_that_is_no_update_is_taken_so_that_it_is_not_repeated(body: bytes) -> None:
    assert parse(body) == Incoming()


GIVEN = [
    pytest.param({"X-Telegram-Bot-Api-Secret-Token": SECRET}, SECRET, True, id="right"),
    pytest.param({"x-telegram-bot-api-secret-token": SECRET}, SECRET, True, id="lower case"),
    pytest.param({"X-Telegram-Bot-Api-Secret-Token": "wrong"}, SECRET, False, id="wrong"),
    pytest.param({"X-Telegram-Bot-Api-Secret-Token": "é"}, SECRET, False, id="not ASCII"),
    pytest.param({}, SECRET, False, id="missing"),
    pytest.param({"X-Telegram-Bot-Api-Secret-Token": ""}, "", False, id="none configured"),
    pytest.param({}, "", False, id="neither"),
]


@pytest.mark.parametrize(("headers", "secret", "passes"), GIVEN)
def test_verify(headers: dict[str, str], secret: str, passes: bool) -> None:
    channel = open_telegram(TelegramSettings(token=SecretStr("1:x"), secret=SecretStr(secret)))
    webhook = Webhook("https://saathi.example/telegram", headers, b"{}")
    if passes:
        channel.verify(webhook)
        return
    with pytest.raises(Refused) as refused:
        channel.verify(webhook)
    assert refused.value.status == 403


def test_without_a_token_the_setting_is_named() -> None:
    with pytest.raises(SettingsError, match=r"channels\.telegram\.token"):
        open_telegram(TelegramSettings())


# From here on over HTTP.


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


def test_it_is_a_channel(channel: Telegram) -> None:
    as_channel: Channel = channel
    assert as_channel.limits.utf16


async def test_text_without_a_preview(fake: FakeTelegram, channel: Telegram) -> None:
    sent = await channel.send(TO, Reply("नमस्ते https://saathi.example <b>"))
    [message] = await fake.transcript(42)
    assert str(message["message_id"]) == sent
    assert message["text"] == "नमस्ते https://saathi.example <b>"
    [call] = await fake.calls("sendMessage")
    assert call.params["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in call.params


async def test_the_message_that_it_is_about_is_quoted(
    fake: FakeTelegram, channel: Telegram
) -> None:
    there = int(await channel.send(TO, Reply("a photo, say")))
    for reply in (Reply("again", quote=there), Reply("seen", file=out_file(b"x"), quote=there)):
        await channel.send(TO, reply)
    calls = [*await fake.calls("sendMessage"), *await fake.calls("sendDocument")]
    quoted = [call.params.get("reply_parameters", {}).get("message_id") for call in calls]
    assert quoted == [None, there, there]
    assert (await fake.transcript(42))[1]["reply_to_message"]["message_id"] == there


async def test_what_was_deleted_meanwhile_is_answered_all_the_same(
    fake: FakeTelegram, channel: Telegram
) -> None:
    await channel.send(TO, Reply("again", quote=999_999))
    [message] = await fake.transcript(42)
    assert message["text"] == "again"
    assert "reply_to_message" not in message


async def test_long_texts_go_in_parts_with_the_buttons_on_the_last(
    fake: FakeTelegram, channel: Telegram
) -> None:
    text = "\n\n".join(["🙏" * 1000] * 3)
    sent = await channel.send(TO, Reply(text, buttons=(Button("yes", "हाँ"),)))
    first, last = await fake.transcript(42)
    assert "\n\n".join([first["text"], last["text"]]) == text
    assert "reply_markup" not in first
    assert last["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "yes"
    assert str(last["message_id"]) == sent


LAYOUTS = [
    pytest.param(["Yes", "No"], False, [2], id="short ones side by side"),
    pytest.param(["Yes", "No", "I don't know"], False, [2, 1], id="three short ones"),
    pytest.param(["Yes", "Talk to a person instead", "No"], False, [1, 1, 1], id="a long one"),
    pytest.param(["Yes", "No"], True, [1, 1], id="a list has one column"),
    pytest.param([f"Row {n}" for n in range(100)], True, [1] * 100, id="a hundred rows"),
]


@pytest.mark.parametrize(("titles", "as_list", "rows"), LAYOUTS)
async def test_layout_of_buttons(
    fake: FakeTelegram, channel: Telegram, titles: list[str], as_list: bool, rows: list[int]
) -> None:
    buttons = tuple(Button(f"id{n}", title) for n, title in enumerate(titles))
    await channel.send(TO, Reply("?", buttons=buttons, as_list=as_list))
    [message] = await fake.transcript(42)
    keyboard = message["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in keyboard] == rows
    assert [key["text"] for row in keyboard for key in row] == titles


def out_file(data: bytes, name: str = "रिपोर्ट.pdf", size: int = -1) -> OutFile:
    async def read() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 50_000):
            yield data[start : start + 50_000]

    return OutFile(name, "application/pdf", len(data) if size < 0 else size, read)


async def test_a_document_with_words_and_buttons(fake: FakeTelegram, channel: Telegram) -> None:
    data = bytes(range(256)) * 1000
    reply = Reply("Your opinion", buttons=(Button("ok", "OK"),), file=out_file(data))
    sent = await channel.send(TO, reply)
    [message] = await fake.transcript(42)
    assert message["caption"] == "Your opinion"
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "OK"
    assert str(message["message_id"]) == sent
    assert message["document"]["mime_type"] == "application/pdf"
    assert await fake.content(message["document"]["file_id"]) == ("रिपोर्ट.pdf", data)


async def test_words_too_long_for_a_caption_follow_the_document(
    fake: FakeTelegram, channel: Telegram
) -> None:
    await channel.send(TO, Reply("x" * 1025, file=out_file(b"%PDF")))
    document, words = await fake.transcript(42)
    assert "caption" not in document
    assert words["text"] == "x" * 1025


async def test_a_strange_file_name_breaks_no_header(fake: FakeTelegram, channel: Telegram) -> None:
    await channel.send(TO, Reply("", file=out_file(b"%PDF", 'a"b\r\nX: y.pdf')))
    [message] = await fake.transcript(42)
    assert message["document"]["file_name"] == "a'bX: y.pdf"


async def test_a_file_above_50_mb_is_not_even_tried(fake: FakeTelegram, channel: Telegram) -> None:
    with pytest.raises(SendFailed) as failed:
        await channel.send(TO, Reply("", file=out_file(b"", size=50 * 2**20 + 1)))
    assert (failed.value.code, failed.value.permanent) == ("too_big", True)
    assert await fake.calls() == []


async def test_a_file_that_breaks_off_is_not_sent(fake: FakeTelegram, channel: Telegram) -> None:
    async def read() -> AsyncIterator[bytes]:
        yield b"%PDF"
        raise OSError("storage is down")

    with pytest.raises(SendFailed) as failed:
        await channel.send(TO, Reply("", file=OutFile("a.pdf", "application/pdf", 900, read)))
    assert not failed.value.permanent
    assert await fake.transcript(42) == []


FAILURES = [
    pytest.param({"code": 400, "text": "Bad Request: x"}, "BadRequest", True, id="bad request"),
    pytest.param({"code": 401, "text": "Unauthorized"}, "InvalidToken", True, id="token"),
    pytest.param({"code": 403, "text": "Forbidden"}, "blocked", True, id="forbidden"),
    pytest.param({"code": 500, "text": "Internal"}, "NetworkError", False, id="500"),
    pytest.param({"code": 502, "text": "Bad Gateway"}, "NetworkError", False, id="502"),
    pytest.param({"drop": True}, "NetworkError", False, id="connection lost"),
    pytest.param({"garbage": "<html>", "after": True}, "TelegramError", False, id="no JSON"),
]


@pytest.mark.parametrize(("fault", "code", "permanent"), FAILURES)
async def test_failures(
    fake: FakeTelegram, channel: Telegram, fault: dict[str, Any], code: str, permanent: bool
) -> None:
    await fake.fault("sendMessage", **fault)
    with pytest.raises(SendFailed) as failed:
        await channel.send(TO, Reply("hello"))
    assert (failed.value.code, failed.value.permanent) == (code, permanent)
    await channel.send(TO, Reply("hello again"))


async def test_who_blocked_the_bot_gets_nothing(fake: FakeTelegram, channel: Telegram) -> None:
    await fake.block(42)
    with pytest.raises(SendFailed) as failed:
        await channel.send(TO, Reply("hello"))
    assert (failed.value.code, failed.value.permanent) == ("blocked", True)
    await fake.unblock(42)
    await channel.send(TO, Reply("hello"))
    assert await fake.heard(42) == ["hello"]


async def test_who_never_pressed_start_cannot_be_written_to(channel: Telegram) -> None:
    with pytest.raises(SendFailed) as failed:
        await channel.send(Address("telegram", "43"), Reply("hello"))
    assert (failed.value.code, failed.value.permanent) == ("BadRequest", True)


async def test_429_is_honoured_without_a_further_call(
    fake: FakeTelegram, channel: Telegram
) -> None:
    await fake.fault("sendMessage", code=429, text="Too Many Requests", retry_after=7)
    for _ in range(2):
        with pytest.raises(SendFailed) as failed:
            await channel.send(TO, Reply("hello"))
        assert not failed.value.permanent
        assert 6 < failed.value.retry_after <= 7
    assert len(await fake.calls("sendMessage")) == 1
    await fake.meet(43)
    await channel.send(Address("telegram", "43"), Reply("others are not held up"))


async def test_our_own_pace_stays_below_telegrams(fake: FakeTelegram) -> None:
    await fake.at_most(per_second=30)
    channel = open_telegram(fake.settings())
    for chat in range(100, 140):
        await fake.meet(chat)
    for chat in range(100, 140):
        await channel.send(Address("telegram", str(chat)), Reply("hello"))
    await channel.stop()
    assert {call.status for call in await fake.calls("sendMessage")} == {200}


async def collect(channel: Telegram, attachment: Attachment) -> bytes:
    return b"".join([chunk async for chunk in channel.fetch(attachment)])


async def incoming_file(fake: FakeTelegram, channel: Telegram, size: int) -> Attachment:
    """What a webhook would have brought; here taken out of the chat."""
    await fake.document(42, Photo(size=size))
    document = (await fake.transcript(42))[-1]["document"]
    return Attachment(document["file_id"], size=document["file_size"])


async def test_fetch(fake: FakeTelegram, channel: Telegram) -> None:
    data = bytes(range(256)) * 5000
    await fake.photo(42, Photo(data))
    photo = (await fake.transcript(42))[-1]["photo"][-1]
    assert await collect(channel, Attachment(photo["file_id"])) == data


async def test_20_mb_can_be_fetched_and_more_cannot(fake: FakeTelegram, channel: Telegram) -> None:
    largest = await incoming_file(fake, channel, 20 * 2**20)
    assert len(await collect(channel, largest)) == 20 * 2**20
    too_big = await incoming_file(fake, channel, 20 * 2**20 + 1)
    for attachment in (too_big, Attachment(too_big.ref)):
        with pytest.raises(FetchFailed) as failed:
            await collect(channel, attachment)
        assert (failed.value.code, failed.value.permanent) == ("too_big", True)
    assert len(await fake.calls("getFile")) == 2


async def test_a_file_larger_than_it_said_is_broken_off(
    fake: FakeTelegram, channel: Telegram
) -> None:
    small = await incoming_file(fake, channel, 10)
    await incoming_file(fake, channel, 20 * 2**20 + 1)
    lie = {"file_id": "F", "file_unique_id": "U", "file_path": "documents/file_2"}
    await fake.fault("getFile", after=True, garbage=json.dumps({"ok": True, "result": lie}))
    with pytest.raises(FetchFailed) as failed:
        await collect(channel, small)
    assert (failed.value.code, failed.value.permanent) == ("too_big", True)


BROKEN = [
    pytest.param("getFile", {"code": 502, "text": "Bad Gateway"}, id="no address"),
    pytest.param("download", {"code": 404, "text": "Not Found"}, id="address expired"),
    pytest.param("download", {"cut": True}, id="breaks off"),
]


@pytest.mark.parametrize(("method", "fault"), BROKEN)
async def test_a_fetch_that_fails_can_be_tried_again(
    fake: FakeTelegram, channel: Telegram, method: str, fault: dict[str, Any]
) -> None:
    attachment = await incoming_file(fake, channel, 3 * 2**20)
    await fake.fault(method, **fault)
    with pytest.raises(FetchFailed) as failed:
        await collect(channel, attachment)
    assert not failed.value.permanent
    assert fake.token not in f"{failed.value!r} {failed.value.__cause__!r}"
    assert len(await collect(channel, attachment)) == 3 * 2**20


async def test_an_unknown_file_may_only_be_away_for_now(channel: Telegram) -> None:
    with pytest.raises(FetchFailed) as failed:
        await collect(channel, Attachment("nope"))
    assert not failed.value.permanent


async def test_a_tap_acknowledged_too_late_is_no_error(
    channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await channel.acknowledge("long ago")
    assert caplog.text == ""


async def test_describe(fake: FakeTelegram, channel: Telegram) -> None:
    assert await channel.describe() == f"https://t.me/{fake.username}"


async def test_a_wrong_token_is_said_plainly_and_not_repeated(fake: FakeTelegram) -> None:
    settings = fake.settings().model_copy(update={"token": SecretStr("999:wrong-token")})
    channel = open_telegram(settings)
    with pytest.raises(SettingsError, match=r"channels\.telegram\.token") as error:
        await channel.describe()
    await channel.stop()
    assert "wrong-token" not in str(error.value)


async def test_neither_token_nor_words_are_logged(
    fake: FakeTelegram, channel: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await fake.text(42, "my name is Kamala")
    attachment = await incoming_file(fake, channel, 1000)
    await collect(channel, attachment)
    await channel.send(TO, Reply("Dear Kamala", file=out_file(b"%PDF")))
    await channel.send(TO, Reply("Dear Kamala"))
    await channel.describe()
    await channel.send(TO, Reply('["Kamala"]'))
    for fault in ({"code": 502}, {"drop": True}, {"garbage": "Kamala {", "after": True}):
        await fake.fault("sendMessage", **fault)
        with pytest.raises(SendFailed):
            await channel.send(TO, Reply("Dear Kamala"))
    parse(b'{"update_id":1,"message":{"text":"Kamala"}}')
    assert [word for word in (fake.token, "Kamala") if word in caplog.text] == []
