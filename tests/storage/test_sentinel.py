"""A master that dies: Sentinels name another one, and the mailbox goes on there."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from redis.exceptions import RedisError

from storage.redis_client import connect
from tests import valkeys
from tests.servers import Servers
from tests.storage.test_mailbox import World, hello, say, texts


@pytest.fixture
def group(servers: Servers) -> Iterator[valkeys.Group]:
    """A master, its replica, and three Sentinels: for one test, which breaks them."""
    started = valkeys.guarded(servers.folder / "guarded")
    yield started
    started.stop()


async def until_taken(world: World, text: str) -> None:
    """As a provider: again until it is taken."""
    async with asyncio.timeout(30):
        while True:
            try:
                await world.box.put([hello(text, id=f"SM-{text}")])
            except RedisError:
                await asyncio.sleep(0.1)
            else:
                return


async def replicated(group: valkeys.Group) -> None:
    master, replica = group.servers
    async with asyncio.timeout(10):
        while replica.ask("DBSIZE") != master.ask("DBSIZE"):
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_the_mailbox_goes_on_at_the_new_master(group: valkeys.Group) -> None:
    async with AsyncExitStack() as stack:
        world = World(stack, group.url)
        await world.say(say("asked"))
        await until_taken(world, "before")
        await replicated(group)
        group.servers[0].child.process.kill()
        await until_taken(world, "after")
        group.servers[0].child.process.wait()
        turn = await world.taken()
        assert texts(turn.updates) == ["before", "after"]
        assert await world.other.commit(turn, turn.conversation, []) is not None
        assert await world.box.take() is None


async def test_the_master_must_be_named() -> None:
    with pytest.raises(ValueError, match="name the master"):
        connect("redis+sentinel://127.0.0.1:26379")


async def test_a_port_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="host:port"):
        connect("redis+cluster://127.0.0.1:port")
