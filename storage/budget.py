"""A bound on what may be asked of a paid service in a day, counted in Redis for all processes."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from redis.asyncio import Redis
from redis.exceptions import RedisClusterException, RedisError

KEPT_SECONDS = 2 * 24 * 3600
LONGEST_WAIT = 1.0
# One script: between a look and a count of their own, two processes would both take the last.
SPEND = """
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
if spent >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


def utc() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


class Budget:
    """At most `most` calls a day (UTC); `name` tells one service's budget from another's."""

    def __init__(
        self, redis: Redis, most: int, name: str = "bedrock", now: Callable[[], datetime] = utc
    ) -> None:
        self._redis, self._name, self._now = redis, name, now
        self._limits = most, KEPT_SECONDS

    async def spend(self) -> bool:
        """Take one call of today's; False when none is left or Redis cannot tell."""
        try:
            # Whoever waits for a stronger reader must not wait for Redis's time-out first.
            async with asyncio.timeout(LONGEST_WAIT):
                taken: int = await self._redis.eval(SPEND, 1, self._key(), *self._limits)
        except (RedisError, RedisClusterException, OSError):
            return False
        return taken == 1

    def _key(self) -> str:
        return f"budget:{self._name}:{self._now().astimezone(UTC).date().isoformat()}"
