"""From a link to a document that the chat knows of, whatever happens on the way."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot import sending, turns
from bot.uploads import body
from bot.uploads.admission import SPARE
from bot.uploads.uploads import KEPT_FOR
from flows.data import LANGUAGES
from flows.effects import UploadLink, Voice
from flows.say import line, say
from storage.keyring import KeyErased
from storage.mailbox import Outgoing
from storage.partials import Ticket
from tests.bot.uploads.rig import BYTES, CASE, Rig, rig
from tests.fakes import FakeChannel
from tests.files import report_pdf
from tests.scans import cd
from tests.talk import ASHA


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as found:
        yield found


async def sent(up: Rig, data: bytes) -> str:
    """A whole file in one piece; its address."""
    address = await up.create(len(data))
    answer = await up.patch(address, 0, data)
    assert answer.headers["upload-offset"] == str(len(data))
    return address


async def test_a_file_becomes_a_document_that_the_chat_is_told_of(up: Rig) -> None:
    pdf = report_pdf("Discharge summary")
    address = await sent(up, pdf)
    (told,) = await up.told()
    assert (told.slot, told.mime, told.verdict) == ("scan_images", "application/pdf", "ok")
    assert (told.sender, told.pages, told.id) == (ASHA, 2, f"kept:upload:{address[14:]}")
    assert await up.document(told) == pdf
    assert await up.offset(address) == len(pdf)
    assert (await up.patch(address, len(pdf), b"")).status_code == 409
    assert not list((up.folder / "uploads").rglob("*.part"))


async def test_a_cd_tells_what_is_on_it(up: Rig) -> None:
    await sent(up, cd(4))
    (told,) = await up.told()
    assert (told.about["modality"], told.about["images"]) == ("CT", "4")


async def cut_short(up: Rig, address: str, offset: int, data: bytes, length: int) -> None:
    """A request that promises `length` bytes, sends fewer, and is gone without a word."""
    url = up.client.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    headers = {**up.headers(Upload_Offset=str(offset)), **BYTES, "Host": url.host,
               "Content-Length": str(length)}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"PATCH {address} HTTP/1.1\r\n{lines}\r\n".encode() + data)
    async with asyncio.timeout(5):
        while not up.uploads.writing:
            await asyncio.sleep(0.001)
    # Some of it is on the way, some of it there, some of it written down.
    await asyncio.sleep(random.Random(offset).uniform(0.01, 0.05))
    writer.transport.abort()


@pytest.mark.slow
async def test_cut_at_twenty_places_nothing_is_lost(up: Rig) -> None:
    chance = random.Random(20)
    data = chance.randbytes(2_000_000)
    address, seen, offset = await up.create(len(data)), set[int](), 0
    for cut in sorted(chance.randrange(len(data)) for _ in range(20)):
        await cut_short(up, address, offset, data[offset:cut], len(data) - offset)
        async with asyncio.timeout(10):
            while (found := await up.offset(address)) < offset or up.uploads.writing:
                await asyncio.sleep(0.01)
        assert offset <= found <= cut
        seen.add(found)
        offset = found
    assert len(seen) > 10
    assert (await up.patch(address, offset, data[offset:])).status_code == 204
    (told,) = await up.told()
    assert await up.document(told) == data


async def test_a_new_request_ends_one_that_hangs(up: Rig) -> None:
    address, url = await up.create(1000), up.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    headers = {**up.headers(Upload_Offset="0"), **BYTES, "Host": url.host, "Content-Length": "1000"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"PATCH {address} HTTP/1.1\r\n{lines}\r\n".encode() + b"x" * 300)
    await writer.drain()
    async with asyncio.timeout(5):
        while not up.uploads.writing:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        # The phone was given another address by its network; the old line is not closed.
        assert await up.offset(address) == 300
        assert b"204" in await reader.readline()
    writer.close()


async def test_a_silent_line_is_given_up(up: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE", 0.2)
    address, url = await up.create(1000), up.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    headers = {**up.headers(Upload_Offset="0"), **BYTES, "Host": url.host, "Content-Length": "1000"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"PATCH {address} HTTP/1.1\r\n{lines}\r\n".encode() + b"x" * 300)
    async with asyncio.timeout(5):
        assert b"204" in await reader.readline()
    writer.close()
    assert await up.offset(address) == 300


async def test_a_strangers_link_sees_nothing_of_it(up: Rig) -> None:
    address = await up.create(10)
    other = up.headers(up.token(case="d" * 32), Upload_Offset="0") | BYTES
    for verb in ("HEAD", "PATCH", "DELETE"):
        assert (await up.client.request(verb, address, headers=other)).status_code == 404
    made = await up.client.post("/upload/files", headers=other | {"Upload-Length": "10"})
    assert made.status_code == 403


async def test_a_link_that_expired_and_a_new_one(up: Rig) -> None:
    address = await up.create(10)
    await up.patch(address, 0, b"0123")
    up.later = timedelta(hours=2)
    assert (await up.client.head(address, headers=up.headers())).status_code == 401
    renewed = up.headers(up.token(hours=5))
    assert (await up.client.head(address, headers=renewed)).headers["upload-offset"] == "4"


async def test_after_the_last_byte_a_process_ends(up: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ended, another one finishes it, and the chat is told once."""
    ticket = await full(up, b"abcdef")
    faults = ["keep", "receive", "settle"]

    def failing(name: str) -> None:
        if faults and faults[0] == name:
            faults.pop(0)
            raise OSError("a fault of the test")

    where = {"keep": (up.app.documents, "keep"), "receive": (turns, "receive"),
             "settle": (up.uploads.partials, "settle")}  # fmt: skip
    for name, (owner, method) in where.items():
        whole = getattr(owner, method)

        async def stumbling(*given: object, name: str = name, whole: object = whole) -> object:
            failing(name)
            assert callable(whole)
            return await whole(*given)

        monkeypatch.setattr(owner, method, stumbling)
    for _ in range(4):
        await up.uploads.sweep()
        while up.app.tasks:
            await asyncio.wait(up.app.tasks)
    (told,) = await up.told()
    assert (faults, await up.document(told)) == ([], b"abcdef")
    assert await up.offset(f"/upload/files/{ticket.id}") == 6


async def test_erased_in_between(up: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    address = await up.create(6)

    async def erased(_: str) -> bytes:
        raise KeyErased

    monkeypatch.setattr(up.uploads.partials._keyring, "key", erased)
    assert (await up.patch(address, 0, b"abc")).status_code == 410
    await up.uploads.sweep()
    assert await up.told() == []


async def test_nothing_of_it_is_logged(up: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    await sent(up, cd(3))
    await up.client.post("/upload/words", headers=up.headers("wrong"))
    await up.told()
    private = [up.token()[:20], "SUNITA", "Fictional", ASHA.id, CASE]
    assert [word for word in private if word in caplog.text] == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_speaks_the_language_of_the_chat(up: Rig, language: str) -> None:
    address = up.app.links.address(up.name, uploads_link(), language, up.app.now())
    headers = up.headers(address.partition("#")[2])
    told = await up.client.post("/upload/words", headers=headers)
    assert (told.status_code, told.json()["language"]) == (200, language)
    up.later = timedelta(days=2)
    late = await up.client.post("/upload/words", headers=headers)
    assert (late.status_code, late.json()["language"]) == (410, language)
    assert "CD" in late.json()["words"]["expired"]


def uploads_link() -> UploadLink:
    return UploadLink(CASE, "scan_images")


@pytest.mark.parametrize(("asked", "spoken"), [("ta-IN,ta;q=0.9", "ta"), ("fr, hi;q=0.5", "hi"),
                                               ("", "en"), ("zz", "en")])  # fmt: skip
async def test_to_a_wrong_link_in_the_browsers_language(up: Rig, asked: str, spoken: str) -> None:
    headers = {"Authorization": "Bearer nonsense", "Accept-Language": asked}
    told = await up.client.post("/upload/words", headers=headers)
    assert (told.status_code, told.json()["language"]) == (410, spoken)


async def test_the_page_is_small_and_asks_nobody_else(up: Rig) -> None:
    page = await up.client.get("/upload")
    script = await up.client.get("/upload/static/upload.js")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert len(script.content) < 10_000
    assert "http" not in page.text.replace("http-equiv", "")


async def test_the_link_in_a_bubble_opens_the_door(up: Rig) -> None:
    bubble = say(line("big.link", link=uploads_link()), voice=Voice("ta"))
    channel = up.app.channels["whatsapp"]
    assert isinstance(channel, FakeChannel)
    await sending.send(up.app, Outgoing("o1", up.name, ASHA, bubble), bubble)
    (address,) = [each for each in channel.sent[-1].text.split() if each.startswith("https://")]
    headers = up.headers(address.partition("#")[2])
    told = await up.client.post("/upload/words", headers=headers)
    assert (told.status_code, told.json()["language"]) == (200, "ta")


async def test_erased_after_the_last_byte(up: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = await full(up, b"abcdef")
    await up.uploads.partials.put(replace(ticket, state="full"))
    whole = up.uploads.partials._keyring.key

    async def erased(_: str) -> bytes:
        raise KeyErased

    monkeypatch.setattr(up.uploads.partials._keyring, "key", erased)
    await up.uploads.sweep()
    assert await up.told() == []
    monkeypatch.setattr(up.uploads.partials._keyring, "key", whole)
    assert [each.state for each in await up.uploads.partials.of()] == ["ended"]
    up.later = KEPT_FOR + timedelta(days=1)
    await up.uploads.sweep()
    assert not [each for each in (up.folder / "uploads").rglob("*") if each.is_file()]
    assert ticket.case == CASE


async def full(up: Rig, data: bytes) -> Ticket:
    """An upload whose last byte came, and nothing since."""
    await up.create(len(data))
    (ticket,) = await up.uploads.partials.of(CASE)
    with closing(await up.uploads.partials.open(ticket)) as file:
        file.append(data)
        file.flush()
    return ticket


async def test_altered_on_the_disk_the_person_is_asked_again(up: Rig) -> None:
    await full(up, bytes(200_000))
    (part,) = (up.folder / "uploads").rglob("*.part")
    part.write_bytes(bytes(100) + part.read_bytes()[100:])
    await up.uploads.sweep()
    (told,) = await up.told()
    assert (told.verdict, told.reason, told.document) == ("refused", "gone", "")
    await up.uploads.sweep()
    assert len(await up.told()) == 1


async def test_a_disk_that_is_nearly_full_takes_nothing(
    up: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def little() -> int:
        return SPARE

    monkeypatch.setattr(up.uploads.partials, "room", little)
    made = await up.client.post("/upload/files", headers=up.headers(Upload_Length="10"))
    assert (made.status_code, made.headers["retry-after"]) == (503, "600")
