"""Waiting for work without asking for it all the time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.redis_client import is_cluster

LISTEN_SECONDS = 5.0
SHORTEST = 0.02


class Bell:
    """Rung by this process directly, and by others through a list in Redis."""

    def __init__(self, patient: Redis, keys: Sequence[str], due: Callable[[], Awaitable[float]]):
        self._patient, self._due = patient, due
        # One command can wait only at one server.
        self._ears = [[key] for key in keys] if is_cluster(patient) else [list(keys)]
        self._rung = asyncio.Event()
        self._listening: dict[int, asyncio.Task[None]] = {}

    def ring(self) -> None:
        """Wake all who wait in this process."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, seconds: float) -> None:
        """Sleep until rung or something is due, at most `seconds`; never raises."""
        rung = self._rung
        self._listen()
        try:
            due = await self._due()
        except RedisError:
            due = seconds
        # Not shorter: whoever does only one kind of work must not spin on the other kind.
        await _within(rung.wait(), min(seconds, max(due, SHORTEST)))

    async def aclose(self) -> None:
        """Stop listening."""
        for listening in self._listening.values():
            listening.cancel()
        await asyncio.gather(*self._listening.values(), return_exceptions=True)

    def _listen(self) -> None:
        for n, keys in enumerate(self._ears):
            if n not in self._listening or self._listening[n].done():
                self._listening[n] = asyncio.create_task(self._hear(keys))

    async def _hear(self, keys: list[str]) -> None:
        """One listener a process and server; it ends by itself when nobody waits any more."""
        try:
            if await self._patient.blpop(keys, timeout=LISTEN_SECONDS):
                self.ring()
        except RedisError:
            await asyncio.sleep(1)


async def _within(waiting: Awaitable[Any], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return
