"""Telegram's speed limits, kept in this process: about 1 a second to a chat, 30 to all."""

import asyncio
import time
from collections.abc import Awaitable, Callable

MANY = 10_000


class Pace:
    """Waits, never drops. A chat may have a few messages at once, then one a second."""

    def __init__(
        self,
        per_chat: float = 1.0,
        overall: float = 25.0,
        burst: int = 3,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 1 / per_chat
        self._overall_gap = 1 / overall
        self._burst = burst - 1
        self._clock = clock
        self._sleep = sleep
        self._paid: dict[int, float] = {}
        self._overall = 0.0
        self._held: dict[int, float] = {}

    async def wait(self, chat: int) -> None:
        """Return when a message may go to this chat."""
        now = self._clock()
        self._forget(now)
        paid = max(now, self._paid.get(chat, 0.0))
        overall = max(now, self._overall)
        start = max(now, paid - self._burst * self._gap, overall - self._burst * self._overall_gap)
        self._paid[chat] = paid + self._gap
        self._overall = overall + self._overall_gap
        if start > now:
            await self._sleep(start - now)

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram asked for silence in this chat."""
        if seconds > 0:
            self._held[chat] = self._clock() + seconds

    def held(self, chat: int) -> float:
        """For how many more seconds this chat is to be left alone."""
        left = self._held.get(chat, 0.0) - self._clock()
        if left <= 0:
            self._held.pop(chat, None)
        return max(0.0, left)

    def _forget(self, now: float) -> None:
        if len(self._paid) > MANY:
            self._paid = {chat: at for chat, at in self._paid.items() if at > now}
