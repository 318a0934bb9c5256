"""Which conversation writes from an address: where the provider's list names no lasting id."""

import time
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis

from flows.messages import Address
from storage.mailbox_wire import conversation_id

# Numbers are given to others after ninety days at the earliest: by then this is long gone.
KEPT_SECONDS = 30 * 86_400
AGAIN_SECONDS, REMEMBERED = 3600.0, 10_000


class Senders:
    """Kept in Redis under a blind index, so that nobody reads a number there."""

    def __init__(
        self,
        redis: Redis,
        prefix: Callable[[str], str],
        index_key: bytes,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis, self._prefix, self._index_key, self._now = redis, prefix, index_key, now
        self._told: dict[tuple[str, str], float] = {}

    async def remember(self, sender: Address) -> None:
        """This person writes from there now."""
        if sender.reply_to in ("", sender.id):
            return
        known = self._key(sender.channel, sender.reply_to), conversation_id(self._index_key, sender)
        if self._now() < self._told.get(known, 0.0):
            return
        await self._redis.set(*known, ex=KEPT_SECONDS)
        if len(self._told) > REMEMBERED:
            self._told.clear()
        self._told[known] = self._now() + AGAIN_SECONDS

    async def conversation(self, channel: str, reply_to: str) -> str:
        """The id of the conversation that wrote from there last; empty where none is known."""
        found: Any = await self._redis.get(self._key(channel, reply_to))
        return str(found.decode()) if found else ""

    def _key(self, channel: str, reply_to: str) -> str:
        blind = conversation_id(self._index_key, Address(f"{channel} from", reply_to))
        return f"{self._prefix(blind)}from:{blind}"
