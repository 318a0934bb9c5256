"""What the record reads from Redis: conversations that changed, and the log of words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from storage import mailbox_wire as wire
from storage.mailbox_log import Checkpoint, LogEntry
from storage.redis_scripts import Scripts

IDLE = timedelta(days=60)


class Record:
    """Dirty marks, log and dead letters of all shards."""

    def __init__(self, redis: Redis, scripts: Scripts, prefixes: Sequence[str]) -> None:
        # Any: redis-py types every answer as text or bytes; ours are bytes.
        self._redis: Any = redis
        self._scripts, self._prefixes = scripts, prefixes
        self._read: list[tuple[str, bytes, int]] = []
        self._dead: list[tuple[str, bytes]] = []

    async def dirty(self, limit: int) -> list[Checkpoint]:
        """Conversations committed since their last checkpoint, the oldest mark first."""
        found: list[Checkpoint] = []
        for prefix in self._prefixes:
            ids = await self._redis.zrange(f"{prefix}dirty", 0, limit - 1)
            pipe = self._redis.pipeline(transaction=False)
            for each in ids:
                pipe.hmget(f"{prefix}c:{each.decode()}", "rev", "state")
            states = await pipe.execute() if ids else []
            found += [
                Checkpoint(each.decode(), int(rev), state)
                for each, (rev, state) in zip(ids, states, strict=True)
                if state
            ]
        return found[:limit]

    async def clean(self, prefix: str, checkpoint: Checkpoint) -> None:
        """Remove a mark unless something newer was committed."""
        keep = IDLE // timedelta(milliseconds=1)
        await self._scripts.call("clean", prefix, 0, checkpoint.conversation, checkpoint.rev, keep)

    async def log(self, limit: int) -> list[LogEntry]:
        """The oldest entries; `trim_log` counts from the first of them."""
        self._read, entries = [], list[LogEntry]()
        for prefix in self._prefixes:
            if (room := limit - len(entries)) <= 0:
                break
            base, raw = await self._scripts.call("log", prefix, 0, room)
            self._read.append((prefix, base, len(raw)))
            entries += [wire.entry(each) for each in raw]
        return entries

    async def trim_log(self, n: int) -> None:
        """Drop the first `n` entries of what `log` returned last."""
        read, self._read = self._read, []
        for prefix, base, count in read:
            if (drop := min(n, count)) > 0:
                await self._scripts.call("trim_log", prefix, 0, base, drop)
                n -= drop

    async def dead(self, limit: int) -> list[LogEntry]:
        """The oldest dead letters; `bury` removes these."""
        self._dead = []
        found: list[LogEntry] = []
        for prefix in self._prefixes:
            raw = await self._redis.lrange(f"{prefix}dead", 0, limit - 1)
            raw = raw[: limit - len(found)]
            self._dead += [(prefix, each) for each in raw]
            found += [wire.entry(each) for each in raw]
        return found

    async def bury(self) -> None:
        """Remove what `dead` returned last. By value: another process may do the same."""
        for prefix, raw in self._dead:
            await self._redis.lrem(f"{prefix}dead", 1, raw)
        self._dead = []

    async def state(self, prefix: str, conversation: str) -> bytes | None:
        """The sealed state of one conversation."""
        state: bytes | None = await self._redis.hget(f"{prefix}c:{conversation}", "state")
        return state
