"""What providers post: into the mailbox, or onto disk while that cannot take it."""

import asyncio
import logging
import time
from collections.abc import Sequence

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot import turns
from bot.app import App
from bot.work import forever
from flows.messages import Update
from storage.spool import Spool

log = logging.getLogger(__name__)

# A key that Redis lacks is asked of the database: that may be away too.
AWAY = (RedisError, SQLAlchemyError, OSError, TimeoutError)
REST_SECONDS = 1.0
DRAIN_EVERY = 0.5


class Intake:
    """Answers for every update: when `take` returns it is kept, here or there."""

    def __init__(self, app: App, spool: Spool) -> None:
        self._app, self._spool = app, spool
        self._resting_until = 0.0

    async def take(self, updates: Sequence[Update]) -> None:
        """Keep updates; raises OSError where neither Redis nor the disk can."""
        if self._spool.holds(updates) or time.monotonic() < self._resting_until:
            await self._spool.keep(updates)
            return
        try:
            await turns.receive(self._app, updates)
        except AWAY as error:
            log.warning("mailbox away, kept on disk: %s", type(error).__name__)
            if isinstance(error, RedisError):
                # The next ones need not wait to learn the same.
                self._resting_until = time.monotonic() + REST_SECONDS
            await self._spool.keep(updates)

    async def drain(self, stop: asyncio.Event) -> None:
        """Hand on what waits on disk, until told to stop."""
        await forever(stop, self._drained, DRAIN_EVERY)
        self._spool.close()

    async def _drained(self) -> None:
        await self._spool.drain(self._receive)

    async def _receive(self, updates: Sequence[Update]) -> None:
        await turns.receive(self._app, updates)
