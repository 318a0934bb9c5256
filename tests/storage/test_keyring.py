"""Keys: one for each subject, in every process, until it is erased."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from storage import cipher
from storage.cipher import SealedWrong
from storage.keyring import FRESH_SECONDS, KeyErased, Keyring
from storage.redis_client import connect

MASTER = b"m" * 32
SUBJECT = "conversation:1"


class Store:
    """A KeyStore that remembers what was asked."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}
        self.erased: set[str] = set()
        self.asked: list[str] = []

    async def get(self, subject: str) -> bytes | None:
        self.asked.append(subject)
        if subject in self.erased:
            raise KeyErased(subject)
        return self.keys.get(subject)

    async def put(self, subject: str, wrapped: bytes) -> None:
        self.keys.setdefault(subject, wrapped)


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url)
    yield client
    await client.aclose()


async def test_a_key_is_made_once_for_all_processes(redis: Redis) -> None:
    rings = [Keyring(redis, MASTER) for _ in range(5)]
    keys = await asyncio.gather(*(ring.key(SUBJECT) for ring in rings for _ in range(3)))
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert await rings[0].key("conversation:2") != keys[0]


async def test_redis_never_sees_a_key(redis: Redis) -> None:
    key = await Keyring(redis, MASTER).key(SUBJECT)
    assert key not in await redis.hget("{s0}:keys", SUBJECT)  # type: ignore[operator]


async def test_a_cached_key_costs_nothing(redis: Redis) -> None:
    ring = Keyring(redis, MASTER)
    key = await ring.key(SUBJECT)
    await redis.flushall()
    assert await ring.key(SUBJECT) == key
    assert await redis.dbsize() == 0


async def test_the_cache_is_doubted_after_a_while(redis: Redis) -> None:
    time = [0.0]
    store = Store()
    ring = Keyring(redis, MASTER, store, clock=lambda: time[0])
    await ring.key(SUBJECT)
    store.erased.add(SUBJECT)
    await Keyring(redis, MASTER, store).forget(SUBJECT)
    time[0] = FRESH_SECONDS - 1
    await ring.key(SUBJECT)
    time[0] = FRESH_SECONDS + 1
    with pytest.raises(KeyErased):
        await ring.key(SUBJECT)


async def test_the_cache_is_bounded(redis: Redis) -> None:
    store = Store()
    ring = Keyring(redis, MASTER, store, room=2)
    for n in range(3):
        await ring.key(str(n))
    await redis.flushall()
    store.asked.clear()
    for n in (2, 1, 0):
        await ring.key(str(n))
    assert store.asked == ["0"]


async def test_new_keys_are_marked_until_the_record_has_them(redis: Redis) -> None:
    ring = Keyring(redis, MASTER, shards=3)
    keys = {subject: await ring.key(subject) for subject in ("a", "b", "c", "d")}
    new = await ring.new()
    assert {s: cipher.unwrap(MASTER, w, s.encode()) for s, w in new} == keys
    assert len(await ring.new(2)) == 2
    await ring.kept(["a", "b", "c"])
    assert [subject for subject, _ in await ring.new()] == ["d"]


async def test_an_emptied_redis_gets_the_key_back_from_the_record(redis: Redis) -> None:
    store = Store()
    key = await Keyring(redis, MASTER, store).key(SUBJECT)
    store.keys[SUBJECT] = (await Keyring(redis, MASTER).new())[0][1]
    await redis.flushall()
    again = Keyring(redis, MASTER, store)
    assert await again.key(SUBJECT) == key
    assert await again.new() == []


async def test_an_erased_key_is_never_made_again(redis: Redis) -> None:
    store = Store()
    ring = Keyring(redis, MASTER, store)
    await ring.key(SUBJECT)
    store.erased.add(SUBJECT)
    await ring.forget(SUBJECT)
    for _ in range(2):
        with pytest.raises(KeyErased):
            await ring.key(SUBJECT)
    assert await redis.keys() == []


async def test_keep_puts_the_key_into_the_record_at_once(redis: Redis) -> None:
    store = Store()
    ring = Keyring(redis, MASTER, store)
    await ring.keep(SUBJECT)
    assert cipher.unwrap(MASTER, store.keys[SUBJECT], SUBJECT.encode()) == await ring.key(SUBJECT)
    assert await ring.new() == []


async def test_a_former_master_still_opens(redis: Redis) -> None:
    key = await Keyring(redis, MASTER).key(SUBJECT)
    changed = Keyring(redis, b"n" * 32, former=[MASTER])
    assert await changed.key(SUBJECT) == key
    with pytest.raises(SealedWrong):
        await Keyring(redis, b"n" * 32).key(SUBJECT)


async def test_keys_cannot_be_swapped_between_subjects(redis: Redis) -> None:
    await Keyring(redis, MASTER).key("case:1")
    await redis.hset("{s0}:keys", "case:2", await redis.hget("{s0}:keys", "case:1"))
    with pytest.raises(SealedWrong):
        await Keyring(redis, MASTER).key("case:2")
