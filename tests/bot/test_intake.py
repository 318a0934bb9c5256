"""Redis gone, full, or slow to write: every webhook is answered, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import OutOfMemoryError, RedisError
from redis.exceptions import TimeoutError as RedisSlow

from bot import intake
from bot.app import App
from bot.intake import Intake
from flows.messages import Message
from storage.spool import Spool
from tests import valkeys
from tests.fakes import FakeChannel, fake_app
from tests.storage.test_mailbox import ASHA, RAVI, World, hello, texts

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Any:
    started = valkeys.one(tmp_path / "valkey", *valkeys.COMMON)
    yield started
    started.child.stop()


@pytest.fixture
async def world(server: valkeys.One) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stack, f"redis://127.0.0.1:{server.port}")


@pytest.fixture
def app(world: World) -> App:
    made = fake_app(FakeChannel(), mailbox=world.box)
    made.works = False
    return made


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", b"k" * 32)


@pytest.fixture
def door(app: App, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> Intake:
    monkeypatch.setattr(intake, "DRAIN_EVERY", 0.05)
    monkeypatch.setattr(intake, "REST_SECONDS", 0.2)
    return Intake(app, spool)


async def drained(door: Intake, spool: Spool) -> None:
    stop = asyncio.Event()
    draining = asyncio.create_task(door.drain(stop))
    async with asyncio.timeout(20):
        while spool.holds([hello(), hello(sender=RAVI)]):
            await asyncio.sleep(0.02)
    stop.set()
    await draining


async def test_redis_gone_and_back(
    world: World, server: valkeys.One, door: Intake, spool: Spool, tmp_path: Path
) -> None:
    await door.take([hello("1")])
    server.child.stop()
    for n in (2, 3):
        await door.take([hello(str(n))])
    again = hello("4")
    await door.take([again])
    back = valkeys.one(tmp_path / "valkey", *valkeys.COMMON, port=server.port)
    try:
        await asyncio.sleep(0.3)
        # Redis is there, but what came before still waits: this one must not overtake it.
        await door.take([again, hello("5")])
        await drained(door, spool)
        assert texts((await world.taken()).updates) == ["1", "2", "3", "4", "5"]
    finally:
        back.child.stop()


async def test_at_the_memory_limit_what_is_here_is_worked_and_the_rest_waits(
    world: World, server: valkeys.One, door: Intake, spool: Spool
) -> None:
    await door.take([hello("1")])
    server.ask("CONFIG", "SET", "maxmemory", "1mb")
    with pytest.raises(OutOfMemoryError):
        await world.box.put([hello("refused")])
    await door.take([hello("2")])
    turn = await world.taken()
    assert texts(turn.updates) == ["1"]
    assert await world.box.commit(turn, turn.conversation, []) is not None
    assert spool.holds([hello()])
    server.ask("CONFIG", "SET", "maxmemory", "0")
    await drained(door, spool)
    assert texts((await world.taken()).updates) == ["2"]


async def test_a_stranger_waits_for_the_database_and_nobody_with_him(
    world: World, app: App, door: Intake, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = app.mailbox.put

    async def put(updates: Any, **more: Any) -> Any:
        if any(update.sender == RAVI for update in updates):
            raise OSError("the database is away")
        return await real(updates, **more)

    with monkeypatch.context() as patch:
        patch.setattr(app.mailbox, "put", put)
        await door.take([hello("new", sender=RAVI)])
        await door.take([hello("known")])
        assert texts((await world.taken()).updates) == ["known"]
    await drained(door, spool)
    assert texts((await world.taken()).updates) == ["new"]


async def test_a_fault_of_our_own_is_not_hidden(
    app: App, door: Intake, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def put(updates: Any, **more: Any) -> Any:
        raise ValueError("a bug")

    monkeypatch.setattr(app.mailbox, "put", put)
    with pytest.raises(ValueError, match="a bug"):
        await door.take([hello("1")])
    assert not spool.holds([hello()])


async def waits(server: valkeys.One) -> int:
    found = server.ask("INFO", "commandstats").get("cmdstat_waitaof", {"calls": 0})
    return int(found["calls"])


async def test_on_disk_before_it_is_taken_and_many_share_a_wait(
    world: World, server: valkeys.One
) -> None:
    box = world.process(on_disk=True)
    people = [Message(f"SM{n}", ASHA if n % 2 else RAVI, str(n)) for n in range(40)]
    await asyncio.gather(*(box.put([each]) for each in people))
    assert 1 <= await waits(server) <= 4
    await world.box.put([hello("without")])
    assert await waits(server) <= 4


async def test_a_replica_that_is_missing_is_an_error(world: World) -> None:
    box = world.process(on_disk=True, replicas=1)
    with pytest.raises(RedisSlow):
        await box.put([hello("1")])


async def test_no_file_at_all_is_an_error(world: World, server: valkeys.One) -> None:
    server.ask("CONFIG", "SET", "appendonly", "no")
    with pytest.raises(RedisError):
        await world.process(on_disk=True).put([hello("1")])
