"""Every file is shown to ClamAV where there is one; without its answer production waits."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import papers
from bot.antivirus import Antivirus, NotScanned
from bot.channels import FetchFailed
from bot.settings import Antivirus as AntivirusSettings
from bot.settings import load
from flows.effects import SaveDocument
from flows.messages import Attachment
from storage.mailbox import Outgoing
from tests.clamd import LIMIT, clamd
from tests.fakes import FakeChannel, FakeDocuments, fake_app
from tests.files import photo
from tests.hostile.papers import EICAR
from tests.talk import ASHA

SOCKETS = ("/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/tmp/clamd.socket")
PAGE = Attachment("ME1", "image/jpeg")
SAVE = Outgoing("c.1.0", "c", ASHA, SaveDocument("case1", "biopsy_report", "SM2.0", PAGE))
NOWHERE = "tcp://127.0.0.1:9"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with clamd() as address:
        yield address


async def bytes_of(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize(
    ("data", "harmful"), [(b"good " * 9999, False), (EICAR, True), (b"", False)]
)
async def test_it_is_asked(url: str, data: bytes, *, harmful: bool) -> None:
    assert await Antivirus(url).harmful(bytes_of(data)) == harmful


async def test_a_socket_of_this_machine(tmp_path: Path) -> None:
    async def found(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"stream: OK\0")
        writer.close()

    async with await asyncio.start_unix_server(found, tmp_path / "clamd.ctl"):
        assert not await Antivirus(f"unix://{tmp_path}/clamd.ctl").harmful(bytes_of(b"page"))


async def test_a_file_that_it_does_not_look_at(url: str) -> None:
    with pytest.raises(NotScanned):
        await Antivirus(url, LIMIT + 10).harmful(bytes_of(bytes(LIMIT + 1), LIMIT // 2))


SMALL = 300_000


@pytest.mark.parametrize("place", [0, SMALL - 30, SMALL - 10_000, 2 * SMALL, 5 * SMALL - 100])
async def test_a_file_larger_than_it_takes_at_once_is_shown_in_pieces(url: str, place: int) -> None:
    data = bytes(place) + EICAR + bytes(5 * SMALL - place - len(EICAR))
    assert await Antivirus(url, SMALL).harmful(bytes_of(data, 10_000))
    assert not await Antivirus(url, SMALL).harmful(bytes_of(bytes(5 * SMALL), 10_000))


async def test_each_piece_is_as_large_as_it_takes() -> None:
    sizes: list[int] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        sizes.append(0)
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            sizes[-1] += len(await reader.readexactly(size))
        writer.write(b"stream: OK\0")
        writer.close()

    async with await asyncio.start_server(look, "127.0.0.1", 0) as server:
        address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await Antivirus(address, SMALL).harmful(bytes_of(bytes(2 * SMALL), 10_000))
    assert sizes == [300_000, 295_536, 135_536]


async def test_nobody_there() -> None:
    with pytest.raises(NotScanned):
        await Antivirus(NOWHERE).harmful(bytes_of(b"page"))


def real() -> Iterator[str]:
    return (path for path in SOCKETS if Path(path).exists())


@pytest.mark.skipif(not any(real()), reason="no ClamAV daemon on this machine")
async def test_the_real_one_knows_the_test_virus() -> None:
    daemon = Antivirus(f"unix://{next(real())}")
    assert await daemon.harmful(bytes_of(EICAR))
    assert not await daemon.harmful(bytes_of(photo("Biopsy report")))


async def saved(data: bytes, url: str, *, required: bool = False) -> tuple[str, str, int]:
    """The verdict on a sent file, its reason, and how many files are kept."""
    settings = load(None).model_copy(
        update={"antivirus": AntivirusSettings(url=url, required=required)}
    )
    app = fake_app(FakeChannel(files={"ME1": data}), settings=settings, antivirus=Antivirus(url))
    assert isinstance(SAVE.effect, SaveDocument)
    kept = await papers.save(app, SAVE, SAVE.effect)
    assert isinstance(app.documents, FakeDocuments)
    return kept.verdict, kept.reason, len(app.documents.kept)


async def test_a_good_page_is_taken(url: str) -> None:
    assert await saved(photo("Biopsy report"), url, required=True) == ("ok", "", 1)


async def test_a_harmful_file_is_not_kept(url: str) -> None:
    assert await saved(EICAR, url) == ("refused", "virus", 0)


async def test_without_an_answer_a_page_waits_where_it_is_required() -> None:
    with pytest.raises(FetchFailed) as failed:
        await saved(photo("Biopsy report"), NOWHERE, required=True)
    assert not failed.value.permanent


async def test_without_an_answer_a_page_is_taken_elsewhere() -> None:
    assert await saved(photo("Biopsy report"), NOWHERE) == ("ok", "", 1)
