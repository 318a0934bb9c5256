"""WhatsApp allows one person a message every six seconds, and lends a few in advance."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """Waits until a person may get another message. In one process only."""

    def __init__(
        self,
        every: float = 6.0,
        lend: int = 10,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._every = every
        self._lend = lend
        self._now = now
        self._sleep = sleep
        self._paid: dict[str, float] = {}

    async def wait(self, key: str) -> None:
        """Return when the next message to this person may go."""
        now = self._now()
        paid = max(now, self._paid.get(key, now)) + self._every
        self._paid[key] = paid
        self._forget_old(now)
        # `paid` is when all messages so far are paid off; `lend` of them may run ahead.
        if (pause := paid - now - self._every * max(1, self._lend)) > 0:
            await self._sleep(pause)

    def _forget_old(self, now: float) -> None:
        if len(self._paid) > 10_000:
            self._paid = {key: paid for key, paid in self._paid.items() if paid > now}
