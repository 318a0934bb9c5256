"""The way into the mailbox: updates of one conversation, sealed, each once, not too many."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flows.messages import Due, Update
from storage.keyring import KeyErased
from storage.redis_durable import Durable
from storage.redis_opening import Opening, RawTurn, waiting
from storage.redis_scripts import Argument, Scripts

DAY, MINUTE = 86_400_000, 60_000
SEEN = 7 * DAY
PUTS_AT_ONCE = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """The most updates of a turn, and the most words of one chat that are read in a minute."""

    a_turn: int
    a_minute: int


class Inlet:
    """Puts updates in; times are the caller's, in ms."""

    def __init__(
        self,
        scripts: Scripts,
        opening: Opening,
        prefix: Callable[[str], str],
        limits: Limits,
        durable: Durable | None,
    ) -> None:
        self._scripts, self._opening, self._prefix = scripts, opening, prefix
        self._limits, self._durable = limits, durable
        self._few = asyncio.Semaphore(PUTS_AT_ONCE)

    async def put(
        self, name: str, updates: Sequence[Update], now: int, until: int
    ) -> RawTurn | None:
        """Keep them; a turn leased to the caller where one may start (`until` not 0)."""
        try:
            raw = await self._put(name, updates, now, until)
            if raw == b"flood":
                log.warning("a chat sends too much: what is beyond the limit is not read")
                told = Due(f"flood:{now // MINUTE}", updates[0].sender, "too_fast")
                raw = await self._put(name, [told], now, until)
        except KeyErased:
            log.warning("update to an erased conversation dropped")
            return None
        return raw or None

    async def aclose(self) -> None:
        """Hang up."""
        if self._durable:
            await self._durable.aclose()

    async def _put(self, name: str, updates: Sequence[Update], now: int, until: int) -> Any:
        raw = await self._sealed(name, updates, now, until)
        while raw == b"stale":
            raw = await self._sealed(name, updates, now, until, fresh=True)
        if self._durable:
            await self._durable.reached(self._prefix(name))
        return raw

    async def _sealed(
        self, name: str, updates: Sequence[Update], now: int, until: int, *, fresh: bool = False
    ) -> Any:
        key, wrapped = await self._opening.pair(name, fresh=fresh)
        limits, at = self._limits, datetime.fromtimestamp(now / 1000, UTC)
        parts: list[Argument] = [name, until, limits.a_turn, SEEN, wrapped, limits.a_minute]
        for update in updates:
            parts += waiting(key, name, update, at)
        # The first of many are answered while the last still come in.
        async with self._few:
            return await self._scripts.call("put", self._prefix(name), now, *parts)
