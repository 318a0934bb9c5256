"""One connection that is never let go: commands leave at once, answers come back in order."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

import hiredis
from redis.exceptions import ClusterDownError, MovedError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow

from storage.redis_client import Dial

# The server is not, or not any more, the one to ask: another one may have taken over.
ELSEWHERE = (MovedError, ClusterDownError, ReadOnlyError)


@dataclass(slots=True)
class _Question:
    packed: bytes
    answer: asyncio.Future[Any]
    sent: float = 0.0
    repeated: bool = False


class Line:
    """Sends what is asked for in the same moment together, and hands each answer to who asked.

    Redis works one script at a time, so a second connection would win nothing, while
    batches save both sides most of the cost of a call. Nobody waits for others' answers.
    """

    def __init__(self, dial: Dial, timeout: float = 5.0) -> None:
        self._dial_on, self._timeout = dial, timeout
        self._connection: Any = None
        self._waiting: list[_Question] = []
        self._asked: deque[_Question] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None

    def ask(self, *command: Any) -> asyncio.Future[Any]:
        """The answer to come; errors of the server are raised by it."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(hiredis.pack_command(command), answer))
        self._send_on()
        return answer

    async def aclose(self) -> None:
        """Wait for the answers that are due, then hang up."""
        while working := [task for task in self._tasks if task and _runs(task)]:
            await asyncio.gather(*working)
        connection, self._connection = self._connection, None
        if self._watch:
            self._watch.cancel()
        if connection:
            await connection.disconnect(nowait=True)

    @property
    def _tasks(self) -> tuple[asyncio.Task[None] | None, ...]:
        return self._sending, self._reading, self._ending

    def _send_on(self) -> None:
        if not _runs(self._sending):
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            try:
                connection = self._connection or await self._dial()
            except Exception as error:
                self._fail(error)
                return
            batch, self._waiting = self._waiting, []
            self._note(batch)
            await self._put(connection, b"".join(each.packed for each in batch))

    def _note(self, batch: list[_Question]) -> None:
        loop = asyncio.get_running_loop()
        for each in batch:
            each.sent = loop.time()
        self._asked.extend(batch)
        if not self._watch:
            self._watch = loop.call_later(self._timeout, self._look)

    def _look(self) -> None:
        """Is an answer overdue? One look for many questions costs less than a time limit each."""
        self._watch, loop = None, asyncio.get_running_loop()
        if not self._asked:
            return
        left = self._asked[0].sent + self._timeout - loop.time()
        if left > 0:
            self._watch = loop.call_later(left, self._look)
        else:
            self._ending = loop.create_task(self._lost(self._connection, TimeoutError()))

    async def _put(self, connection: Any, packed: bytes) -> None:
        try:
            await connection.send_packed_command(packed, check_health=False)
        except Exception as error:
            await self._lost(connection, error)
            return
        if not _runs(self._reading):
            self._reading = asyncio.create_task(self._read(connection))

    async def _read(self, connection: Any) -> None:
        try:
            while self._asked and connection is self._connection:
                found = await _answer(connection)
                _settle(self._asked.popleft().answer, found)
        except Exception as error:
            await self._lost(connection, error)

    async def _lost(self, connection: Any, error: Exception) -> None:
        """Hang up. What was asked is asked once more where the server went away.

        It may have been restarted, and every script can stand being run twice.
        """
        if connection is not self._connection:
            return
        self._connection = self._reading = None
        asked, self._asked = self._asked, deque()
        for each in asked:
            if each.repeated or not isinstance(error, RedisGone):
                _settle(each.answer, _said(error))
            each.repeated = True
        self._waiting = [each for each in asked if not each.answer.done()] + self._waiting
        await connection.disconnect(nowait=True)
        self._send_on()

    def _fail(self, error: Exception) -> None:
        failed, self._waiting = self._waiting, []
        for each in failed:
            _settle(each.answer, _said(error))

    async def _dial(self) -> Any:
        async with asyncio.timeout(self._timeout):
            self._connection = await self._dial_on()
        return self._connection


def _runs(task: asyncio.Task[None] | None) -> bool:
    return task is not None and not task.done()


def _said(error: Exception) -> Exception:
    return RedisSlow("no answer in time") if isinstance(error, TimeoutError) else error


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(disable_decoding=True)
    except ELSEWHERE as error:
        raise RedisGone("another server holds this now") from error
    except ResponseError as error:
        return error


def _settle(answer: asyncio.Future[Any], found: Any) -> None:
    if answer.done():  # whoever asked was cancelled meanwhile
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
