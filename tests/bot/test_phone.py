"""The phone page's channel, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet

from bot.channels import Button, OutFile, Refused, Reply, SendFailed, Webhook
from bot.channels.phone import MAX_FILE, Phone
from flows.messages import Address, Attachment, Delivery, Message, Receipt, Update
from tests.web import serving

ASHA = "a" * 32
RAVI = "b" * 32
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY = Fernet(Fernet.generate_key())


class Rig:
    """A served Phone, what it received, and a browser that has opened the page."""

    def __init__(self, folder: Path) -> None:
        self.received: list[Update] = []
        self.failing = False
        self.phone = Phone(folder, self.receive, KEY.encrypt, KEY.decrypt, lambda: NOON)
        self.base = ""
        self.browser: aiohttp.ClientSession

    async def receive(self, updates: list[Update]) -> None:
        if self.failing:
            raise ConnectionError("the mailbox is away")
        self.received += updates

    async def post(self, **fields: object) -> int:
        body = {"phone": ASHA, "id": "message-1"} | fields
        async with self.browser.post(f"{self.base}/phone/messages", json=body) as answer:
            return answer.status

    async def upload(self, *files: tuple[str, str, bytes], **fields: str) -> int:
        form = aiohttp.FormData({"phone": ASHA, "id": "upload-1"} | fields)
        for name, mime, content in files:
            form.add_field("file", content, filename=name, content_type=mime)
        async with self.browser.post(f"{self.base}/phone/messages", data=form) as answer:
            return answer.status

    async def events(self, phone: str, many: int, **headers: str) -> list[dict[str, Any]]:
        """The first `many` bubbles of a phone's stream, then hang up."""
        found: list[dict[str, Any]] = []
        address = f"{self.base}/phone/events?phone={phone}"
        async with self.browser.get(address, headers=headers) as answer, asyncio.timeout(5):
            assert answer.status == 200
            async for line in answer.content:
                if line.startswith(b"data: ") and (data := json.loads(line[6:])):
                    found.append(data)
                if len(found) >= many or line == b"event: ready\n":
                    return found
        return found


@asynccontextmanager
async def rig_in(folder: Path) -> AsyncIterator[Rig]:
    rig = Rig(folder)
    async with serving(rig.phone.routes(), close=rig.phone.close) as base:
        rig.base = base
        jar = aiohttp.CookieJar(unsafe=True)
        wire = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(cookie_jar=jar, connector=wire) as rig.browser:
            async with rig.browser.get(f"{base}/phone") as page:
                assert page.status == 200
            yield rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path) as found:
        yield found


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file, by its path below the folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def tear(folder: Path) -> None:
    """As a crash in the middle of a line leaves it."""
    [transcript] = folder.glob("*/transcript")
    transcript.write_bytes(transcript.read_bytes() + b"Z0FBQUFB")


PARSED = [
    pytest.param({"text": "नमस्ते"}, {"text": "नमस्ते"}, id="text"),
    pytest.param(
        {"text": "हाँ", "choice": "yes", "quoted": "phone-7"},
        {"text": "हाँ", "choice": "yes", "quoted": "phone-7"},
        id="tap",
    ),
    pytest.param({"kind": "sticker"}, {"kind": "sticker"}, id="sticker"),
    pytest.param(
        {"text": "hi", "order": 1764072000123}, {"text": "hi", "order": 1764072000123}, id="order"
    ),
    pytest.param({"text": "x" * 100_000}, {"text": "x" * 100_000}, id="long text"),
    pytest.param(
        {"text": "hi", "start": "ref-1"}, {"text": "hi", "start": "ref-1"}, id="deep link"
    ),
    pytest.param(
        {"text": "hi", "language_hint": "hi-IN"},
        {"text": "hi", "language_hint": "hi-IN"},
        id="browser's language",
    ),
]


@pytest.mark.parametrize(("posted", "expected"), PARSED)
async def test_parse(rig: Rig, posted: dict[str, Any], expected: dict[str, Any]) -> None:
    assert await rig.post(**posted) == 200
    assert rig.received == [Message("message-1", Address("phone", ASHA, ASHA), **expected)]


JUNK = [
    pytest.param({"phone": "../../etc/passwd"}, id="phone that is a path"),
    pytest.param({"phone": 7}, id="phone that is a number"),
    pytest.param({"id": ""}, id="no id"),
    pytest.param({"text": ["a"]}, id="text that is a list"),
    pytest.param({"kind": "telepathy"}, id="unknown kind"),
    pytest.param({"files": [{"ref": "x", "name": "", "mime": "", "size": 1}]}, id="made-up file"),
]


@pytest.mark.parametrize("fields", JUNK)
async def test_junk_is_refused_and_nothing_is_passed_on(rig: Rig, fields: dict[str, Any]) -> None:
    assert await rig.post(**fields) == 400
    assert rig.received == []
    assert await rig.events(ASHA, 1) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
async def test_a_body_that_is_no_message_is_refused(rig: Rig, body: bytes) -> None:
    async with rig.browser.post(f"{rig.base}/phone/messages", data=body) as answer:
        assert answer.status == 400


async def test_a_broken_form_is_refused(rig: Rig) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    address = f"{rig.base}/phone/messages"
    async with rig.browser.post(address, data=b"--y\r\nnothing", headers=headers) as answer:
        assert answer.status == 400
    assert rig.received == []


async def test_without_the_pages_cookie_nothing_is_open(rig: Rig) -> None:
    async with aiohttp.ClientSession() as stranger:
        async with stranger.post(f"{rig.base}/phone/messages", json={}) as answer:
            assert answer.status == 403
        async with stranger.get(f"{rig.base}/phone/events?phone={ASHA}") as answer:
            assert answer.status == 403
    assert rig.received == []


async def test_an_old_starts_cookie_is_refused(rig: Rig) -> None:
    rig.phone.token = "of-the-next-start"
    assert await rig.post(text="hi") == 403
    async with rig.browser.get(f"{rig.base}/phone"):
        pass
    assert await rig.post(text="hi") == 200


@pytest.mark.parametrize("cookie", ["", "=;;=", "saathi_phone_80=é", "a\x01=b"])
def test_a_strange_cookie_is_refused(tmp_path: Path, cookie: str) -> None:
    rig = Rig(tmp_path)
    with pytest.raises(Refused):
        rig.phone.verify(Webhook("http://localhost:80/phone", {"cookie": cookie}, b""))


async def test_a_reply_reaches_the_page(rig: Rig) -> None:
    reply = Reply("नमस्ते", (Button("yes", "हाँ"), Button("no", "नहीं")), language="hi")
    waiting = asyncio.create_task(rig.events(ASHA, 1))
    sent = await rig.phone.send(Address("phone", ASHA), reply)
    [bubble] = await waiting
    assert bubble["id"] == sent
    assert bubble["text"] == "नमस्ते"
    assert bubble["language"] == "hi"
    assert [button["id"] for button in bubble["buttons"]] == ["yes", "no"]


async def test_an_open_page_hears_live(rig: Rig) -> None:
    address = f"{rig.base}/phone/events?phone={ASHA}"
    async with rig.browser.get(address) as stream, asyncio.timeout(5):
        await stream.content.readuntil(b"event: ready\n")
        await rig.phone.send(Address("phone", ASHA), Reply("now"))
        assert b'"text":"now"' in await stream.content.readuntil(b'now"')


async def test_a_page_resumes_after_the_last_bubble_it_saw(rig: Rig) -> None:
    for text in ("one", "two", "three"):
        await rig.phone.send(Address("phone", ASHA), Reply(text))
    first = (await rig.events(ASHA, 1))[0]["n"]
    rest = await rig.events(ASHA, 3, **{"Last-Event-ID": str(first)})
    assert [bubble["text"] for bubble in rest] == ["two", "three"]


async def test_two_phones_never_see_each_other(rig: Rig) -> None:
    await rig.post(text="from Asha")
    await rig.phone.send(Address("phone", RAVI), Reply("for Ravi"))
    assert [bubble["text"] for bubble in await rig.events(ASHA, 9)] == ["from Asha"]
    assert [bubble["text"] for bubble in await rig.events(RAVI, 9)] == ["for Ravi"]


async def test_a_message_sent_twice_is_shown_once(rig: Rig) -> None:
    await rig.post(text="hello")
    await rig.post(text="hello")
    assert len(await rig.events(ASHA, 9)) == 1
    assert rig.received[0] == rig.received[1]


async def test_what_could_not_be_kept_may_be_sent_again(rig: Rig) -> None:
    rig.failing = True
    assert await rig.post(text="hello") == 500
    rig.failing = False
    assert await rig.post(text="hello") == 200
    assert len(await rig.events(ASHA, 9)) == 1
    assert len(rig.received) == 1


async def test_a_restart_shows_the_old_chat(tmp_path: Path) -> None:
    async with rig_in(tmp_path) as before:
        await before.post(text="hello")
        await before.phone.send(Address("phone", ASHA), Reply("welcome"))
    async with rig_in(tmp_path) as after:
        bubbles = await after.events(ASHA, 9)
        await after.phone.send(Address("phone", ASHA), Reply("again"))
        newest = (await after.events(ASHA, 9))[-1]
    assert [bubble["text"] for bubble in bubbles] == ["hello", "welcome"]
    assert newest["n"] > bubbles[-1]["n"]


async def test_a_line_torn_by_a_crash_costs_only_itself(tmp_path: Path) -> None:
    async with rig_in(tmp_path) as before:
        await before.post(text="hello")
    tear(tmp_path)
    async with rig_in(tmp_path) as after:
        await after.post(id="message-2", text="second")
    async with rig_in(tmp_path) as last:
        texts = [bubble["text"] for bubble in await last.events(ASHA, 9)]
    assert texts == ["hello", "second"]


async def test_nothing_on_disk_can_be_read(rig: Rig, tmp_path: Path) -> None:
    await rig.post(text="my mother has a lump")
    await rig.upload(("asha-report.txt", "text/plain", b"a lump of 2 cm"))
    written = files_in(tmp_path)
    names = " ".join(written)
    assert len(written) == 2
    assert b"lump" not in b"".join(written.values())
    assert "asha" not in names
    assert ASHA not in names


async def test_an_album_is_one_message_a_file(rig: Rig) -> None:
    pages = [("1.jpg", "image/jpeg", b"one"), ("2.pdf", "application/pdf", b"second")]
    assert await rig.upload(*pages, text="both pages", order="5") == 200
    first, second = rig.received
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.album == second.album == "upload-1"
    assert (first.kind, first.text, second.kind, second.text) == (
        "photo",
        "both pages",
        "document",
        "",
    )
    assert first.id != second.id
    assert (second.attachments[0].name, second.attachments[0].size) == ("2.pdf", 6)


async def test_fetch_gives_the_bytes_that_were_uploaded(rig: Rig) -> None:
    content = bytes(range(256)) * 12_000
    await rig.upload(("scan.pdf", "application/pdf", content))
    [message] = rig.received
    assert isinstance(message, Message)
    got = b"".join([piece async for piece in rig.phone.fetch(message.attachments[0])])
    assert got == content


async def test_fetch_of_a_lost_file_fails_for_good(rig: Rig) -> None:
    for ref in ("", "../x", f"{'0' * 32}.{'0' * 32}"):
        with pytest.raises(Exception, match="gone"):
            await anext(aiter(rig.phone.fetch(Attachment(ref))))


async def test_a_file_too_big_is_refused_and_not_kept(rig: Rig, tmp_path: Path) -> None:
    assert await rig.upload(("big.pdf", "application/pdf", b"x" * (MAX_FILE + 1))) == 413
    assert rig.received == []
    assert files_in(tmp_path) == {}


async def test_a_text_too_big_is_refused(rig: Rig) -> None:
    assert await rig.post(text="x" * 2_000_000) == 413


async def test_a_document_is_sent_and_can_be_opened(rig: Rig) -> None:
    async def read() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        yield b"1.7"

    opinion = OutFile("opinion.pdf", "application/pdf", 8, read)
    await rig.phone.send(Address("phone", ASHA), Reply("Here it is", file=opinion))
    [bubble] = await rig.events(ASHA, 1)
    assert bubble["file"]["size"] == 8
    address = f"{rig.base}/phone/files/{bubble['file']['ref']}"
    async with rig.browser.get(f"{address}?type=application/pdf") as answer:
        assert await answer.read() == b"%PDF-1.7"
        assert answer.content_type == "application/pdf"
    async with rig.browser.get(f"{address}?type=text/html") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
    async with rig.browser.get(f"{rig.base}/phone/files/nothing") as answer:
        assert answer.status == 404


async def test_the_page_tells_how_far_a_reply_got(rig: Rig) -> None:
    sent = await rig.phone.send(Address("phone", ASHA), Reply("hello"))
    for tick in (2, 3, 2, 3):
        body = {"phone": ASHA, "ids": [sent, "made-up"], "tick": tick}
        async with rig.browser.post(f"{rig.base}/phone/receipts", json=body) as answer:
            assert answer.status == 204
    assert rig.received == [
        Receipt(f"{sent}.2", Address("phone", ASHA, ASHA), sent, Delivery.DELIVERED),
        Receipt(f"{sent}.3", Address("phone", ASHA, ASHA), sent, Delivery.READ),
    ]


async def test_another_phone_cannot_tell_of_a_reply(rig: Rig) -> None:
    sent = await rig.phone.send(Address("phone", ASHA), Reply("hello"))
    body = {"phone": RAVI, "ids": [sent], "tick": 3}
    async with rig.browser.post(f"{rig.base}/phone/receipts", json=body):
        pass
    assert rig.received == []


FOUR = tuple(Button(str(number), "x") for number in range(4))
BEYOND = [
    pytest.param(Reply("x", FOUR), "too_many_options", id="buttons"),
    pytest.param(Reply("x", FOUR * 3, as_list=True), "too_many_options", id="rows"),
    pytest.param(Reply("x", (Button("1", "x" * 21),)), "option_title_too_long", id="button title"),
    pytest.param(
        Reply("x", (Button("1", "x" * 25),), as_list=True), "option_title_too_long", id="row title"
    ),
    pytest.param(
        Reply("x", (Button("1", "x", "y" * 73),), as_list=True), "option_about_too_long", id="about"
    ),
]


@pytest.mark.parametrize(("reply", "code"), BEYOND)
async def test_what_whatsapp_would_refuse_is_refused_here(
    rig: Rig, reply: Reply, code: str
) -> None:
    with pytest.raises(SendFailed) as failed:
        await rig.phone.send(Address("phone", ASHA), reply)
    assert (failed.value.code, failed.value.permanent) == (code, True)
    assert await rig.events(ASHA, 1) == []


async def test_words_too_long_for_a_bubble_come_in_parts_with_the_taps_on_the_last(
    rig: Rig,
) -> None:
    words = "\n".join(f"{number}. An answer of the review page." for number in range(60))
    sent = await rig.phone.send(Address("phone", ASHA), Reply(words, FOUR[:2], language="hi"))
    shown = await rig.events(ASHA, 2)
    assert "\n".join(bubble["text"] for bubble in shown) == words
    assert all(len(bubble["text"]) <= 1024 for bubble in shown)
    assert [len(bubble.get("buttons", [])) for bubble in shown] == [0, 2]
    assert [bubble["language"] for bubble in shown] == ["hi", "hi"]
    assert shown[-1]["id"] == sent


async def test_the_page_may_load_nothing_from_outside(rig: Rig) -> None:
    async with rig.browser.get(f"{rig.base}/phone") as page:
        policy, text = page.headers["Content-Security-Policy"], await page.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in text
    assert "https://" not in text


async def test_every_font_that_the_page_names_is_there(rig: Rig) -> None:
    async with rig.browser.get(f"{rig.base}/phone/static/fonts.css") as css:
        names = {line.split('"')[1] for line in (await css.text()).splitlines() if "url(" in line}
    assert len(names) == 12
    for name in names:
        async with rig.browser.get(f"{rig.base}/phone/static/{name}") as font:
            assert font.status == 200
            assert (await font.read())[:4] == b"wOF2"


@pytest.mark.parametrize(
    "name", ["../__init__.py", "%2e%2e/__init__.py", "phone.html", "nothing.js"]
)
async def test_only_static_files_are_served(rig: Rig, name: str) -> None:
    async with rig.browser.get(f"{rig.base}/phone/static/{name}") as answer:
        assert answer.status == 404
