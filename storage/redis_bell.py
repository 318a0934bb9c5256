"""Waiting for work without asking for it all the time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

LISTEN_SECONDS = 5.0
SHORTEST = 0.02


class Bell:
    """Rung by this process directly, and by others through a list in Redis."""

    def __init__(self, patient: Redis, keys: Sequence[str], due: Callable[[], Awaitable[float]]):
        self._patient, self._keys, self._due = patient, list(keys), due
        self._rung = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

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
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _listen(self) -> None:
        if not self._listening or self._listening.done():
            self._listening = asyncio.create_task(self._hear())

    async def _hear(self) -> None:
        """One listener a process; it ends by itself when nobody waits any more."""
        try:
            if await self._patient.blpop(self._keys, timeout=LISTEN_SECONDS):
                self.ring()
        except RedisError:
            await asyncio.sleep(1)


async def _within(waiting: Awaitable[Any], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return
