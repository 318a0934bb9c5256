"""The daily budget on a real Valkey: never one call too many, and none where it cannot count."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from redis.asyncio import Redis

from storage.budget import KEPT_SECONDS, LONGEST_WAIT, Budget, utc
from storage.redis_client import connect

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = b"budget:bedrock:2026-03-01"
INDIA = timezone(timedelta(hours=5, minutes=30))


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url)
    yield client
    await client.aclose()


async def test_so_many_and_no_more(redis: Redis) -> None:
    budget = Budget(redis, 3, now=lambda: NOON)
    assert [await budget.spend() for _ in range(5)] == [True] * 3 + [False] * 2
    assert await redis.get(KEY) == b"3"


@pytest.mark.parametrize("most", [0, -1])
async def test_nothing_to_spend(redis: Redis, most: int) -> None:
    assert not await Budget(redis, most).spend()
    assert await redis.keys() == []


async def test_two_processes_at_once_share_it(redis: Redis, valkey_url: str) -> None:
    other = connect(valkey_url)
    budgets = [Budget(redis, 10, now=lambda: NOON), Budget(other, 10, now=lambda: NOON)]
    given = await asyncio.gather(*(budgets[n % 2].spend() for n in range(60)))
    await other.aclose()
    assert sum(given) == 10


async def test_a_new_day_is_a_new_budget(redis: Redis) -> None:
    clock = Clock()
    budget = Budget(redis, 1, now=clock)
    assert await budget.spend()
    clock.now = NOON.replace(hour=23, minute=59)
    assert not await budget.spend()
    clock.now += timedelta(minutes=1)
    assert await budget.spend()


async def test_the_day_is_that_of_utc(redis: Redis) -> None:
    # In India the second of March has begun.
    budget = Budget(redis, 1, now=lambda: datetime(2026, 3, 2, 3, tzinfo=INDIA))
    assert await budget.spend()
    assert await redis.keys() == [KEY]


async def test_the_key_holds_a_day_and_is_gone_after_two(redis: Redis) -> None:
    budget = Budget(redis, 5, now=lambda: NOON)
    await budget.spend()
    assert await redis.keys() == [KEY]
    assert KEPT_SECONDS - 5 <= await redis.ttl(KEY) <= KEPT_SECONDS == 172_800


async def test_each_service_has_its_own(redis: Redis) -> None:
    assert await Budget(redis, 1, "bedrock").spend()
    assert await Budget(redis, 1, "another").spend()
    assert not await Budget(redis, 1, "another").spend()


async def test_the_usual_clock_is_that_of_utc() -> None:
    assert utc().utcoffset() == timedelta()


@pytest.mark.slow
async def test_a_cluster_counts_too(cluster_url: str) -> None:
    client = connect(cluster_url)
    budget = Budget(client, 2)
    assert [await budget.spend() for _ in range(3)] == [True, True, False]
    await client.aclose()


async def test_no_redis_no_calls() -> None:
    client = connect("redis://127.0.0.1:1")
    assert not await Budget(client, 5).spend()
    await client.aclose()


async def test_no_cluster_no_calls() -> None:
    client = connect("redis+cluster://127.0.0.1:1")
    assert not await Budget(client, 5).spend()
    await client.aclose()


async def test_a_redis_that_hangs_costs_a_second() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    client = connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    begun = time.monotonic()
    assert not await Budget(client, 5).spend()
    assert time.monotonic() - begun < LONGEST_WAIT + 1
    server.close()
    await client.aclose()


async def test_a_key_of_another_kind_is_no_permission(redis: Redis) -> None:
    await redis.lpush(KEY.decode(), "strange")
    assert not await Budget(redis, 5, now=lambda: NOON).spend()
