"""A few processes that work on files: a hostile file ends its process, not a chat."""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.ranges import BLOCK, Ranges
from bot.workshop.wire import Answer, Order, line, raw

log = logging.getLogger(__name__)
T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
# Nothing of ours: a file that takes the process over finds no keys.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}
# A process may have died of something else before.
TRIES = 2
LONGEST_LINE = 64 * 1024**2
LOST = (EOFError, OSError, TimeoutError, ValueError, msgspec.DecodeError)


class Lost(Exception):
    """A task ended its process, or took too long, each time."""


class Shop:
    """So many processes, each started when it is first needed."""

    def __init__(
        self,
        many: int = 2,
        longest: float = 20.0,
        megabytes: int = 2048,
        nice: int = 0,
        program: Sequence[str] = ("-m", "bot.workshop.hand"),
    ) -> None:
        self.longest = longest
        self._program = (*program, str(megabytes), str(nice))
        self._free: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()
        self._running: set[Process] = set()
        for _ in range(many):
            self._free.put_nowait(None)

    async def do(
        self, kind: type[T], task: str, given: dict[str, Any], *files: bytes
    ) -> tuple[T, list[bytes]]:
        """What came of a task, and the files it made; raises Lost."""
        order = Order(task, raw(given), tuple(map(len, files)))
        return await self._done(kind, order, files, None)

    async def do_far(
        self, kind: type[T], task: str, given: dict[str, Any], far: Ranges
    ) -> tuple[T, list[bytes]]:
        """The same for a file of which only pieces are read; raises Lost."""
        return await self._done(kind, Order(task, raw(given), far=far.size), (), far)

    async def _done(
        self, kind: type[T], order: Order, files: Sequence[bytes], far: Ranges | None
    ) -> tuple[T, list[bytes]]:
        for _ in range(TRIES):
            if made := await self._once(order, files, far):
                return msgspec.json.decode(made[0].result, type=kind), made[1]
        raise Lost(order.task)

    async def _once(
        self, order: Order, files: Sequence[bytes], far: Ranges | None
    ) -> tuple[Answer, list[bytes]] | None:
        hand, made = await self._free.get(), None
        try:
            async with asyncio.timeout(self.longest):
                hand = hand or await self._start()
                made = await _ask(hand, order, files, far)
        except LOST as error:
            log.warning("%s ended its process: %s", order.task, type(error).__name__)
        finally:
            # Without an answer the pipe may still hold half of one.
            if hand and not made:
                await self._end(hand)
            self._free.put_nowait(hand if made else None)
        return made

    async def close(self) -> None:
        """End all processes."""
        for hand in tuple(self._running):
            await self._end(hand)

    async def _start(self) -> Process:
        hand = await asyncio.create_subprocess_exec(
            sys.executable, *self._program, limit=LONGEST_LINE,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=ENVIRONMENT,
        )  # fmt: skip
        self._running.add(hand)
        return hand

    async def _end(self, hand: Process) -> None:
        self._running.discard(hand)
        if hand.returncode is None:
            hand.kill()
        await hand.wait()


async def _ask(
    hand: Process, order: Order, files: Sequence[bytes], far: Ranges | None
) -> tuple[Answer, list[bytes]]:
    if not hand.stdin or not hand.stdout:
        raise EOFError
    hand.stdin.write(line(order))
    for file in files:
        hand.stdin.write(file)
    await hand.stdin.drain()
    answer = await _told(hand.stdout)
    while far and answer.needs:
        start, length = answer.needs
        if length > BLOCK:
            raise EOFError  # Ours never asks for more.
        hand.stdin.write(await far.read(start, length))
        await hand.stdin.drain()
        answer = await _told(hand.stdout)
    return answer, [await hand.stdout.readexactly(size) for size in answer.sizes]


async def _told(pipe: asyncio.StreamReader) -> Answer:
    if not (told := await pipe.readline()):
        raise EOFError
    return msgspec.json.decode(told, type=Answer)
