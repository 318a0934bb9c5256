"""What waits in Redis for one conversation, seen from outside."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from flows.effects import SubmitCase, Wake
from storage.keyring import Keyring
from storage.outlook import outlook
from storage.redis_client import connect
from storage.redis_mailbox import conversation_id
from tests.storage.test_mailbox import ASHA, INDEX, MASTER, World, hello, say

NAME = conversation_id(INDEX, ASHA)


@pytest.fixture
async def world(valkey_url: str) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stack, valkey_url, 3)


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url)
    yield client
    await client.aclose()


async def test_nothing_is_known_of_a_stranger(world: World, redis: Redis) -> None:
    seen = await outlook(redis, Keyring(redis, MASTER, shards=3), NAME)
    assert (seen.unread, seen.turn_due, seen.queued, seen.recorded) == (0, None, (), True)


async def test_what_came_in_and_was_not_worked_yet(world: World, redis: Redis) -> None:
    await world.box.put([hello("1"), hello("2")])
    seen = await outlook(redis, Keyring(redis, MASTER, shards=3), NAME)
    assert seen.unread == 2
    assert seen.turn_due
    assert seen.queued == ()


async def test_what_is_on_its_way_out_in_order_with_its_tries(world: World, redis: Redis) -> None:
    turn = await world.turn(hello("1"))
    later = Wake("agent_late", world.time + timedelta(hours=1))
    await world.box.commit(
        turn, turn.conversation, [say("one"), say("two"), SubmitCase("c"), later]
    )
    await world.box.next_outgoing()
    seen = await outlook(redis, Keyring(redis, MASTER, shards=3), NAME)
    kinds = [(each.kind, each.due is None) for each in seen.queued]
    assert kinds == [("Say", False), ("Say", True), ("SubmitCase", False), ("Wake", False)]
    assert sum(each.attempts for each in seen.queued) == 1
    assert seen.queued[3].due == later.at
    assert not seen.recorded
