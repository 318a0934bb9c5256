"""What a person says, sends and is called stands nowhere in clear: no log, no file, no table."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
import pytest_asyncio
import redis

from tests.e2e.person import Person
from tests.e2e.process import PLAIN
from tests.e2e.rig import RAHUL, Rig, running
from tests.e2e.stored import Stored, found
from tests.e2e.told import Told

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

PLANTED = "Fictional-Planted / गया जिला"
PIECE = 48
# The review backend that comes with Saathi: the hospital's side, which must read the cases.
HOSPITAL = "sandbox"


class Heard:
    """Saathi after both cases were told, and what nobody else may read."""

    def __init__(self, rig: Rig, people: list[Person], names: list[str]) -> None:
        self.rig, self.people, self.stored = rig, people, Stored(rig.saathi)
        said = {word for person in people for word in person.told.private()}
        self.words = sorted(said | set(names))

    def accepted(self) -> set[bytes]:
        """A piece of each page that was taken."""
        told = [person.told.accepted() for person in self.people]
        return {piece(page) for case in told for pages in case.values() for page in pages}

    def sent(self) -> set[bytes]:
        """A piece of each page that was sent, those that were refused too."""
        told = [person.told for person in self.people]
        docs = [(one, row["doc"]) for one in told for row in one.story["uploads"]]
        return {piece(data) for one, doc in docs for _, _, data in one.uploads(doc)}


def piece(page: bytes) -> bytes:
    """Some bytes of its middle, which no other page has."""
    return page[len(page) // 2 :][:PIECE]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def heard() -> AsyncIterator[Heard]:
    """Both cases told, with faults on the way, and with all that Saathi would ever log."""
    async with running(SAATHI_LOG_LEVEL="DEBUG") as rig:
        people = [
            Person(rig.on_telegram(), Told("prostate", own_phone=False)),
            Person(rig.on_whatsapp(RAHUL), Told("breast", own_phone=True)),
        ]
        await faults(rig)
        await asyncio.gather(*(person.tell() for person in people))
        for person in people:
            await person.sees(person._word("news.received").partition("{")[0])
        # Until the record has it all, and the files are on the disk.
        await asyncio.sleep(2.0)
        first = (await rig.twilio.look("webhooks"))[0]["fields"]
        yield Heard(rig, people, [first["ProfileName"], first["ExternalUserId"].split(":")[1]])


async def faults(rig: Rig) -> None:
    """What goes wrong is what gets logged."""
    await rig.telegram.fault("sendMessage", code=500, times=2)
    await rig.telegram.fault("getFile", code=500)
    await rig.telegram.fault("download", cut=True)
    await rig.twilio.fault("messages", status=500, times=2)
    await rig.twilio.fault("media", status=500)
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{rig.saathi.url}/telegram", json={"said": PLANTED})
    assert answer.status_code == 403


async def test_what_is_looked_for_is_really_there(heard: Heard) -> None:
    """The hospital's side holds the names, the words and the pages."""
    assert len(heard.words) > 15
    files = [path for path in (heard.stored.data / HOSPITAL).rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    for person in heard.people:
        rows = person.told.rows
        for name in ("patient_name", "hospital", "medicines"):
            assert found(kept, [rows[name]["say"]])
    assert [page for page in heard.accepted() if page not in kept] == []


async def test_the_log_is_silent(heard: Heard) -> None:
    log = heard.rig.saathi.log
    assert "webhook refused: /telegram 403" in log
    assert log.count("effect failed") >= 4
    assert found(log.encode(), [*heard.words, PLANTED]) == []


async def test_the_files_are_sealed(heard: Heard) -> None:
    looked, clear, pages = 0, list[tuple[str, str]](), heard.sent()
    for path, data in heard.stored.files(HOSPITAL):
        looked += 1
        clear += [(str(path), word) for word in found(data, heard.words)]
        clear += [(str(path), "a page") for page in pages if page in data]
    assert looked > 100
    assert clear == []


async def test_every_page_is_there_under_seal(heard: Heard) -> None:
    kept = [path for path, _ in heard.stored.files() if path.parts[0] == "documents"]
    assert len(kept) >= len(heard.accepted()) > 10


async def test_redis_is_sealed(heard: Heard) -> None:
    everything = heard.stored.redis()
    assert len(everything) > 5
    assert found(flat(everything), heard.words) == []


async def test_the_database_is_sealed(heard: Heard) -> None:
    tables = heard.stored.rows()
    assert len(tables["public.messages"]) > 100
    assert len(tables["public.answers"]) > 40
    clear = {name: found("\n".join(rows).encode(), heard.words) for name, rows in tables.items()}
    assert {name: words for name, words in clear.items() if words} == {}


async def test_why_tells_where_a_chat_stands_and_nothing_that_was_said(heard: Heard) -> None:
    with psycopg.connect(heard.stored.database_url) as database:
        (number, conversation) = database.execute(
            "SELECT number, conversation_id FROM cases ORDER BY id LIMIT 1"
        ).fetchall()[0]
    told = await why(heard, number)
    for line in (f"case       {number}: received", "waits for  the person", "queue      empty"):
        assert line in told
    assert "said       20" in told
    assert (await why(heard, conversation)).splitlines()[0] == told.splitlines()[0]
    assert found(told.encode(), heard.words) == []
    assert "No such case" in await why(heard, "XX-0000", status=1)


async def why(heard: Heard, name: str, status: int = 0) -> str:
    """What `saathi why` prints."""
    saathi = heard.rig.saathi
    process = await asyncio.create_subprocess_exec(
        PLAIN[0],
        "why",
        name,
        env=saathi.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == status, out.decode()
    return out.decode()


async def test_what_is_planted_is_found(heard: Heard) -> None:
    """The search itself: the same word in every place, in several spellings."""
    stored = heard.stored
    await plant(heard)
    assert found(flat(stored.redis()), [PLANTED])
    rows = "\n".join(stored.rows()["public.marks"]).encode()
    assert found(rows, [PLANTED])
    files = {str(path) for path, data in stored.files(HOSPITAL) if found(data, [PLANTED])}
    assert {"documents/plain", "documents/base64", "documents/json", "documents/url"} <= files
    assert any(path.startswith("valkey/") for path in files), files
    assert any(path.startswith("postgres/") for path in files), files


async def plant(heard: Heard) -> None:
    """Write a word down as somebody careless would."""
    folder = heard.stored.data / "documents"
    (folder / "plain").write_text(f"x{PLANTED}y", encoding="utf-8")
    (folder / "base64").write_bytes(base64.b64encode(f"and {PLANTED}, yes".encode()))
    (folder / "json").write_text(json.dumps({"said": PLANTED}), encoding="ascii")
    (folder / "url").write_text(f"/?said={quote(PLANTED)}", encoding="ascii")
    with redis.Redis.from_url(heard.stored.redis_url) as client:
        client.set("planted", PLANTED)
    with psycopg.connect(heard.stored.database_url, autocommit=True) as database:
        database.execute("INSERT INTO marks VALUES ('planted', %s)", [PLANTED])
        database.execute("CHECKPOINT")
    await asyncio.sleep(1.5)


def flat(value: Any) -> bytes:
    """Everything that lies in nested containers."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b"\n".join(flat(key) + b"\n" + flat(each) for key, each in value.items())
    if isinstance(value, list | tuple | set):
        return b"\n".join(flat(each) for each in value)
    return str(value).encode()
