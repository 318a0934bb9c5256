"""One key for each subject (a conversation, a case), so that erasing a key erases all of it."""

import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from redis.asyncio import Redis

from storage import cipher

FRESH_SECONDS = 300.0
FORGET = """
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
"""


class KeyErased(Exception):
    """The subject's key was destroyed for good; what it sealed cannot be read any more."""


class KeyStore(Protocol):
    """The lasting record of wrapped keys."""

    async def get(self, subject: str) -> bytes | None:
        """The wrapped key, or None; raises KeyErased where it was destroyed."""
        ...

    async def put(self, subject: str, wrapped: bytes) -> None:
        """Keep a wrapped key; a subject's first one stays."""
        ...


class Keyring:
    """Keys by subject: made once, kept wrapped in Redis and in the record, cached here."""

    def __init__(
        self,
        redis: Redis,
        master: bytes,
        store: KeyStore | None = None,
        *,
        former: Sequence[bytes] = (),
        shards: int = 1,
        room: int = 4096,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # Any: redis-py types every answer as text or bytes; ours are bytes.
        self._redis: Any = redis
        self._master, self._store = master, store
        self._masters = {cipher.master_id(each): each for each in (*former, master)}
        self.shards, self._room, self._clock = shards, room, clock
        self._cache: OrderedDict[str, tuple[bytes, bytes, float]] = OrderedDict()

    async def key(self, subject: str) -> bytes:
        """The subject's key, made at first use; raises KeyErased, never makes it again."""
        return (await self.pair(subject))[0]

    async def pair(self, subject: str) -> tuple[bytes, bytes]:
        """The subject's key as it is, and wrapped as it is stored."""
        cached = self._cache.get(subject)
        # Not for ever: another process may have erased the subject.
        if cached and cached[2] > self._clock():
            self._cache.move_to_end(subject)
            return cached[:2]
        wrapped = await self._wrapped(subject)
        return self._remember(subject, self._unwrap(subject, wrapped), wrapped)

    async def keep(self, subject: str) -> None:
        """See that the subject's key is in the record now, before something lasting is sealed."""
        await self.key(subject)
        if self._store and await self._redis.sismember(self._new(subject), subject):
            await self._store.put(subject, await self._wrapped(subject))
            await self.kept([subject])

    async def new(self, limit: int = 500) -> list[tuple[str, bytes]]:
        """Subjects with their wrapped keys that the record does not hold yet."""
        found: list[tuple[str, bytes]] = []
        for shard in range(self.shards):
            marked = await self._redis.srandmember(f"{{s{shard}}}:keys:new", limit)
            if marked:
                held = await self._redis.hmget(f"{{s{shard}}}:keys", marked)
                found += [(m.decode(), w) for m, w in zip(marked, held, strict=True) if w]
        return found[:limit]

    async def kept(self, subjects: Sequence[str]) -> None:
        """The record holds these keys now."""
        by_shard: dict[str, list[str]] = {}
        for subject in subjects:
            by_shard.setdefault(self._new(subject), []).append(subject)
        for marks, found in by_shard.items():
            await self._redis.srem(marks, *found)

    async def forget(self, subject: str, wrapped: bytes | None = None) -> None:
        """Destroy the key here, or only if it is `wrapped`; the record says it is erased."""
        self._cache.pop(subject, None)
        keys = self._hash(subject), self._new(subject)
        await self._redis.eval(FORGET, 2, *keys, subject, wrapped or b"")

    def refresh(self, subject: str) -> None:
        """Doubt the cached key: the next use asks Redis again."""
        self._cache.pop(subject, None)

    async def _wrapped(self, subject: str) -> bytes:
        held: bytes | None = await self._redis.hget(self._hash(subject), subject)
        if held:
            return held
        recorded = await self._store.get(subject) if self._store else None
        return await self._add(subject, recorded)

    async def _add(self, subject: str, recorded: bytes | None) -> bytes:
        mine = recorded or cipher.wrap(self._master, cipher.new_key(), subject.encode())
        if not recorded:
            # Marked before it exists: a crash in between leaves a mark, not an unkept key.
            await self._redis.sadd(self._new(subject), subject)
        if await self._redis.hsetnx(self._hash(subject), subject, mine):
            return mine
        winner: bytes | None = await self._redis.hget(self._hash(subject), subject)
        return winner or await self._wrapped(subject)

    def _unwrap(self, subject: str, wrapped: bytes) -> bytes:
        master = self._masters.get(cipher.wrapped_by(wrapped))
        if master is None:
            raise cipher.SealedWrong("wrapped by a master key that is not configured")
        return cipher.unwrap(master, wrapped, subject.encode())

    def _remember(self, subject: str, key: bytes, wrapped: bytes) -> tuple[bytes, bytes]:
        self._cache[subject] = key, wrapped, self._clock() + FRESH_SECONDS
        if len(self._cache) > self._room:
            self._cache.popitem(last=False)
        return key, wrapped

    def prefix(self, subject: str) -> str:
        """How all Redis keys of the subject's shard begin."""
        return f"{{s{zlib.crc32(subject.encode()) % self.shards}}}:"

    def _hash(self, subject: str) -> str:
        return f"{self.prefix(subject)}keys"

    def _new(self, subject: str) -> str:
        return f"{self._hash(subject)}:new"
