"""Signed events on their way to Saathi: kept on disk until one is taken."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.review.sandbox.store import Store
from bot.review.signature import HEADER, sign

Poster = Callable[[bytes, dict[str, str]], Awaitable[int]]
Clock = Callable[[], datetime]
log = logging.getLogger(__name__)
WAITS = (0.5, 1, 2, 5, 15, 60)
# The same event would be refused again: it must not hold up those behind it.
HOPELESS = (400, 413, 422)


def http_poster(url: str) -> Poster:
    """Posts to Saathi's `/review/events`; returns the HTTP status, 0 when unreachable."""

    async def post(body: bytes, headers: dict[str, str]) -> int:
        wait = aiohttp.ClientTimeout(total=15)
        try:
            async with (
                aiohttp.ClientSession(timeout=wait) as http,
                http.post(url, data=body, headers=headers) as answer,
            ):
                return answer.status
        except (TimeoutError, aiohttp.ClientError, OSError):
            return 0

    return post


class Outbox:
    """Sends in order and tries again; what is unsent outlives the process."""

    def __init__(self, store: Store, post: Poster, secret: str, now: Clock) -> None:
        self._store, self._post, self._secret, self._now = store, post, secret, now
        self._running: asyncio.Task[None] | None = None

    def put(self, event: dict[str, Any]) -> None:
        """Keep an event and start sending."""
        names = [int(path.stem) for path in (self._store.folder / "events").glob("*.json")]
        name = f"{max(names, default=0) + 1:09}.json"
        # The mark first: an event without a mark would never be sent.
        self._store.write(self._store.folder / "outbox" / name, 1)
        self._store.write(self._store.folder / "events" / name, event)
        self.start()

    def start(self) -> None:
        """Send what waits, also what an earlier process left."""
        if self.waiting() and (self._running is None or self._running.done()):
            self._running = asyncio.create_task(self._run())

    def waiting(self) -> list[Path]:
        """The marks of the unsent events, in order."""
        return sorted((self._store.folder / "outbox").glob("*.json"))

    async def stop(self) -> None:
        """Stop sending; the rest goes after the next start."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        failed = 0
        while waiting := self.waiting():
            if await self._send(waiting[0]):
                failed = 0
                continue
            await asyncio.sleep(WAITS[min(failed, len(WAITS) - 1)])
            failed += 1

    async def _send(self, mark: Path) -> bool:
        kept = self._store.folder / "events" / mark.name
        status = 200
        if kept.exists():
            event = json.loads(kept.read_bytes())
            body = json.dumps({"events": [event]}, ensure_ascii=False).encode()
            signed = {HEADER: sign(body, self._secret, self._now())}
            status = await self._post(body, {"Content-Type": "application/json", **signed})
        if status in HOPELESS:
            log.error("event refused for good", extra={"status": status})
        done = 200 <= status < 300 or status in HOPELESS
        if done:
            self._store.drop(mark)
        return done
