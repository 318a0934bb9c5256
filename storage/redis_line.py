"""One connection that is never let go: what is asked for in the same moment travels together."""

import asyncio
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisSlow

Question = tuple[bytes, asyncio.Future[Any]]


class Line:
    """Sends commands in batches, in order, and hands each answer to who asked.

    Redis works one script at a time, so a second connection would win nothing, while
    batches save both sides most of the cost of a call.
    """

    def __init__(self, redis: Redis, timeout: float = 5.0) -> None:
        self._pool: Any = redis.connection_pool  # makes connections with all of its options
        self._timeout = timeout
        self._connection: Any = None
        self._waiting: list[Question] = []
        self._working: asyncio.Task[None] | None = None

    def ask(self, *command: Any) -> asyncio.Future[Any]:
        """The answer to come; errors of the server are raised by it."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((hiredis.pack_command(command), answer))
        if not self._working or self._working.done():
            self._working = asyncio.create_task(self._work())
        return answer

    async def aclose(self) -> None:
        """Wait for the answers that are due, then hang up."""
        if self._working:
            await self._working
        await self._hang_up()

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            for (_, answer), found in zip(batch, await self._answers(batch), strict=True):
                _settle(answer, found)

    async def _answers(self, batch: list[Question]) -> list[Any]:
        packed = [each for each, _ in batch]
        try:
            try:
                return await self._exchange(packed)
            except RedisGone:
                # Once more over a new connection: the server may have been restarted, and
                # every script can stand being run twice.
                return await self._exchange(packed)
        except Exception as error:
            return [error] * len(batch)

    async def _exchange(self, packed: list[bytes]) -> list[Any]:
        try:
            async with asyncio.timeout(self._timeout):
                connection = self._connection or await self._dial()
                await connection.send_packed_command(b"".join(packed), check_health=False)
                return [await _answer(connection) for _ in packed]
        except TimeoutError:
            await self._hang_up()
            raise RedisSlow("no answer in time") from None
        except BaseException:
            await self._hang_up()
            raise

    async def _dial(self) -> Any:
        connection = self._pool.make_connection()
        await connection.connect()
        self._connection = connection
        return connection

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.disconnect(nowait=True)


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error


def _settle(answer: asyncio.Future[Any], found: Any) -> None:
    if answer.done():  # whoever asked was cancelled meanwhile
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
