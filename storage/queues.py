"""How much waits in Redis, and for how long already."""

from typing import Any

from msgspec import Struct
from redis.asyncio import Redis

QUEUES = {"turns": "ready", "sends": "out"}


class Queue(Struct):
    """One kind of work over all shards: how many wait, how long the oldest is overdue (s)."""

    length: int = 0
    age: float = 0.0


async def queues(redis: Redis, shards: int, now_ms: int) -> dict[str, Queue]:
    """What waits for a worker (turns), for a provider (sends), for the record (log)."""
    client: Any = redis
    found = {name: Queue() for name in (*QUEUES, "log")}
    for shard in range(shards):
        prefix = f"{{s{shard}}}:"
        for name, key in QUEUES.items():
            due = await client.zcount(prefix + key, "-inf", now_ms)
            found[name].length += due
            for _, since in await client.zrange(prefix + key, 0, 0, withscores=True) if due else ():
                found[name].age = max(found[name].age, (now_ms - since) / 1000)
        found["log"].length += await client.llen(prefix + "log")
    return found
