"""Each thing that Saathi stands on goes away for a while: an ordinary day."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.clock import now
from bot.embedded import postgres, valkey
from bot.review.sandbox import http_poster, sandbox_app
from flows.messages import Message
from storage.migrate import migrate
from tests.faults.stage import ASHA, TOKEN, Stage, ready_to_send, stage
from tests.faults.test_points import rows, tap
from tests.servers import Servers
from tests.web import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

ON_ITS_WAY, RECEIVED = "Your request is on its way.", "The review team has received your request"
STATUS = "Request C-TEST-0001"


def says(number: int, text: str) -> Message:
    return Message(f"T{number}", ASHA, text, order=number)


def backend_cases(on: Stage) -> list[dict[str, Any]]:
    files = (on.setup.folder / "sandbox" / "cases").glob("*.json")
    return [json.loads(file.read_bytes()) for file in files]


def begins(on: Stage) -> list[str]:
    """The beginnings of all that was sent, repeats included."""
    known = (ON_ITS_WAY, RECEIVED, STATUS, "The review team's computers cannot be reached")
    return [next((k for k in known if text.startswith(k)), text[:40]) for text in on.all_sent]


@pytest.fixture
async def on(tmp_path: Path, valkey_url: str, migrated_url: str) -> AsyncIterator[Stage]:
    async with stage(tmp_path, valkey_url, migrated_url) as opened:
        yield opened


@pytest.fixture
def own_postgres(servers: Servers) -> Iterator[postgres.Postgres]:
    """A PostgreSQL for one test, which stops it."""
    folder = servers.folder / "own-postgres"
    started = postgres.start(folder, durable=False)
    asyncio.run(migrate(started.url))
    yield started
    started.stop()
    postgres.start(folder, durable=False).stop()  # also where the test failed: ended in order


async def test_the_database_is_away_and_chats_go_on(
    tmp_path: Path, valkey_url: str, servers: Servers, own_postgres: postgres.Postgres
) -> None:
    async with stage(tmp_path, valkey_url, own_postgres.url) as on:
        await on.begin(await ready_to_send(on))
        on.send(says(1, "status"))
        await on.bubbles(1)
        await on.settled()
        own_postgres.stop()
        on.send(tap(2, "0.review=send"))
        await on.bubbles(2)
        on.send(says(3, "status"))
        await on.bubbles(3)
        back = postgres.start(servers.folder / "own-postgres", durable=False)
        try:
            await on.bubbles(4, 60)
            await on.settled()
            assert begins(on)[1:] == [ON_ITS_WAY, STATUS, RECEIVED]
            assert len(backend_cases(on)) == 1
            heard = await rows(on, "SELECT id FROM messages WHERE direction = 'in' ORDER BY seq")
            assert [one for (one,) in heard] == ["T1", "T2", "T3"]
        finally:
            on.end()
            back.stop()


@asynccontextmanager
async def failing_backend(folder: Path) -> AsyncIterator[tuple[str, list[int]]]:
    """A review backend that answers 503 until the list that comes with it is emptied."""
    sandbox = sandbox_app(
        folder, http_poster("http://127.0.0.1:1/review/events"), "s", now, token=TOKEN
    )
    down = [503]

    async def door(scope: Any, receive: Any, send: Any) -> None:
        served = Response(status_code=down[0]) if down else sandbox
        await served(scope, receive, send)

    async with serving([Mount("/", door)]) as url:  # type: ignore[list-item]
        yield url, down


async def test_the_backend_is_away_for_long_and_the_person_is_told_once(
    tmp_path: Path, valkey_url: str, migrated_url: str
) -> None:
    async with AsyncExitStack() as stack:
        url, down = await stack.enter_async_context(failing_backend(tmp_path / "sandbox"))
        on = await stack.enter_async_context(stage(tmp_path, valkey_url, migrated_url, review=url))
        await on.begin(await ready_to_send(on))
        on.send(tap(1, "0.review=send"))
        await on.bubbles(2)
        await asyncio.sleep(8)  # two more tries fail meanwhile
        down.clear()
        await on.bubbles(3, 60)
        await on.settled()
        waits = "The review team's computers cannot be reached"
        assert begins(on) == [ON_ITS_WAY, waits, RECEIVED]
        assert len(backend_cases(on)) == 1


async def test_rasa_is_slow_and_nobody_waits_for_it(
    tmp_path: Path, valkey_url: str, migrated_url: str
) -> None:
    over = asyncio.Event()

    async def slow(request: Request) -> JSONResponse:
        await asyncio.wait([asyncio.ensure_future(over.wait())], timeout=5)
        return JSONResponse({"intent": {"name": "status"}})

    async with AsyncExitStack() as stack:
        routes = [Route("/model/parse", slow, methods=["POST"])]
        rasa = await stack.enter_async_context(serving(routes, close=over.set))
        setup = {"rasa": rasa, "lease": 10.0}
        on = await stack.enter_async_context(stage(tmp_path, valkey_url, migrated_url, **setup))
        await on.begin(await ready_to_send(on))
        await on.until(lambda: _answers(on, 1, "status"), "the start of the process")
        for n, text in enumerate(("where is it by now", "tell me more", "and so on"), 2):
            began = time.monotonic()
            await _answers(on, n, text)
            # 1.2 s for Rasa; the rest is this machine's.
            assert time.monotonic() - began < 4


async def _answers(on: Stage, number: int, text: str) -> bool:
    before = len(on.all_sent)
    on.send(says(number, text))
    await on.until(lambda: len(on.all_sent) > before, "an answer")
    return True


async def test_redis_loses_everything_and_the_record_brings_it_back(on: Stage) -> None:
    await on.begin(await ready_to_send(on))
    on.send(says(1, "status"))
    await on.bubbles(1)
    await on.settled()
    client: Any = on.app.redis
    await client.flushall()
    on.send(tap(2, "0.review=send"))
    await on.bubbles(3)
    await on.settled()
    await client.flushall()
    on.send(says(3, "status"))
    await on.bubbles(4)
    await on.settled()
    assert begins(on)[1:] == [ON_ITS_WAY, RECEIVED, STATUS]
    assert len(backend_cases(on)) == 1


async def test_redis_is_killed_and_has_all_in_its_file(
    tmp_path: Path, servers: Servers, migrated_url: str
) -> None:
    folder = servers.folder / "own-valkey"
    server = valkey.start(folder)
    async with stage(tmp_path, server.url, migrated_url) as on:
        await on.begin(await ready_to_send(on))
        for n in range(1, 5):
            on.send(says(n, "status"))
            if n == 2:
                server.child.process.kill()
                server.stop()
                server = valkey.start(folder)
            await on.until(lambda n=n: len(on.all_sent) >= n, "an answer")
        await on.settled()
        heard = await rows(on, "SELECT id FROM messages WHERE direction = 'in' ORDER BY seq")
        assert [one for (one,) in heard] == ["T1", "T2", "T3", "T4"]
        on.end()
    server.stop()


async def test_on_a_cluster(tmp_path: Path, cluster_url: str, migrated_url: str) -> None:
    async with stage(tmp_path, cluster_url, migrated_url) as on:
        await on.begin(await ready_to_send(on))
        on.send(tap(1, "0.review=send"))
        await on.bubbles(2)
        on.send(says(2, "status"))
        await on.bubbles(3)
        await on.settled()
        assert begins(on) == [ON_ITS_WAY, RECEIVED, STATUS]
        assert len(backend_cases(on)) == 1


async def test_a_process_that_is_told_to_end_ends_in_time_and_loses_nothing(on: Stage) -> None:
    await on.begin(await ready_to_send(on))
    on.send(says(1, "status"))
    await on.bubbles(1)
    on.fail("hang")  # a provider that does not answer must not hold it up
    for n in range(2, 12):
        on.send(says(n, "status"))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    on.process.terminate()
    await asyncio.to_thread(on.process.join, 10)
    assert on.process.exitcode == 0
    assert time.monotonic() - began < 10
    on.start()
    await on.settled()
    heard = await rows(on, "SELECT id FROM messages WHERE direction = 'in' ORDER BY seq")
    assert [one for (one,) in heard] == [f"T{n}" for n in range(1, 12)]
    said = await rows(on, "SELECT id FROM messages WHERE direction = 'out'")
    assert len(on.all_sent) == len(said)
