"""How updates reach Saathi: through either web process, again until taken, at times twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import aiohttp

from benchmarks.storm.telegram import SECRET

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
WAIT = aiohttp.ClientTimeout(total=20)
AGAIN = 0.5
ALL_AT_ONCE = 100


class Post:
    """Telegram's way of posting. `twice`: the share that is delivered once more."""

    def __init__(self, urls: Sequence[str], twice: float) -> None:
        self._urls, self.twice = urls, twice
        self._few = asyncio.Semaphore(ALL_AT_ONCE)
        self._later = set[asyncio.Task[None]]()
        self.acknowledged: dict[int, set[int]] = {}
        self.counts = Counter[str]()

    async def open(self) -> None:
        """Connect when needed."""
        self._http = aiohttp.ClientSession(timeout=WAIT, headers=HEADERS)

    async def close(self) -> None:
        """Deliver what is still to come a second time, and hang up."""
        await asyncio.gather(*self._later)
        await self._http.close()

    async def deliver(self, chat: int, update: dict[str, Any]) -> None:
        """Until it is taken."""
        if random.random() < self.twice:
            self.counts["twice"] += 1
            again = asyncio.create_task(self._again(update))
            self._later.add(again)
            again.add_done_callback(self._later.discard)
        await self._until_taken(update, random.randrange(len(self._urls)))
        self.acknowledged.setdefault(chat, set()).add(update["update_id"])

    async def _again(self, update: dict[str, Any]) -> None:
        # At the same instant to the other process, or when all is long over.
        await asyncio.sleep(random.choice((0, 0.02, random.uniform(1, 20))))
        await self._until_taken(update, random.randrange(len(self._urls)))

    async def _until_taken(self, update: dict[str, Any], which: int) -> None:
        while not await self._posted(self._urls[which % len(self._urls)], update):
            self.counts["not taken"] += 1
            which += 1
            await asyncio.sleep(AGAIN)

    async def _posted(self, url: str, update: dict[str, Any]) -> bool:
        try:
            async with self._few, self._http.post(url + "/telegram", json=update) as answer:
                return answer.status < 300
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False
