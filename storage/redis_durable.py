"""Waiting until what was written is on the servers' disks; one wait serves many."""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import TimeoutError as RedisSlow

from storage.redis_client import dialer, is_cluster
from storage.redis_line import Line

WAIT_MS = 4000


class Durable:
    """`WAITAOF` for all shards: the server's own file and those of so many replicas."""

    def __init__(self, patient: Redis, replicas: int) -> None:
        self._patient, self._replicas = patient, replicas
        self._disks = dict[str, _Disk]()

    async def reached(self, prefix: str) -> None:
        """All that this process wrote before is on disk; raises the client's errors."""
        server = prefix if is_cluster(self._patient) else ""
        if not (disk := self._disks.get(server)):
            line = Line(dialer(self._patient, prefix))
            disk = self._disks[server] = _Disk(line, f"{prefix}disk", self._replicas)
        await disk.reached()

    async def aclose(self) -> None:
        """Hang up."""
        await asyncio.gather(*(disk.line.aclose() for disk in self._disks.values()))


class _Disk:
    def __init__(self, line: Line, key: str, replicas: int) -> None:
        self.line, self._key, self._replicas = line, key, replicas
        self._now: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def reached(self) -> None:
        """Join the next wait: one that is under way may have begun before the caller wrote."""
        if not self._next:
            self._next = asyncio.create_task(self._after(self._now))
        await asyncio.shield(self._next)

    async def _after(self, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        self._now, self._next = self._next, None
        # It counts for writes of the same connection only, hence one that comes after all.
        written = self.line.ask("SET", self._key, "1")
        answer: Any = await self.line.ask("WAITAOF", 1, self._replicas, WAIT_MS)
        await written
        if answer[0] < 1 or answer[1] < self._replicas:
            raise RedisSlow("not on disk in time")
