"""Looks at files in processes of their own: a hostile file ends its process, not a chat."""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bot.eye import Order
from bot.inspect_file import Found

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
# Nothing of ours: a file that takes the process over finds no keys.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# A process may have died of something else before.
TRIES = 2
LOST = (EOFError, OSError, TimeoutError, msgspec.DecodeError)


class Eyes:
    """So many processes, each started when it is first needed."""

    def __init__(
        self, many: int = 2, longest: float = 20.0, program: Sequence[str] = ("-m", "bot.eye")
    ) -> None:
        self._longest, self._program = longest, program
        self._free: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()
        self._running: set[Process] = set()
        for _ in range(many):
            self._free.put_nowait(None)

    async def look(self, data: bytes, mime: str, tries: int) -> Found:
        """What a file is; `refused`, `unreadable` where it took too long or too much."""
        order = Order(mime, tries, len(data))
        for _ in range(TRIES):
            if found := await self._once(order, data):
                return found
        return Found("refused", "unreadable")

    async def _once(self, order: Order, data: bytes) -> Found | None:
        eye, found = await self._free.get(), None
        try:
            async with asyncio.timeout(self._longest):
                eye = eye or await self._start()
                found = await _ask(eye, order, data)
        except LOST as error:
            log.warning("a look ended its process: %s", type(error).__name__)
        finally:
            # Without an answer the pipe may still hold half of one.
            if eye and not found:
                await self._end(eye)
            self._free.put_nowait(eye if found else None)
        return found

    async def close(self) -> None:
        """End all processes."""
        for eye in tuple(self._running):
            await self._end(eye)

    async def _start(self) -> Process:
        eye = await asyncio.create_subprocess_exec(
            sys.executable, *self._program,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=ENVIRONMENT,
        )  # fmt: skip
        self._running.add(eye)
        return eye

    async def _end(self, eye: Process) -> None:
        self._running.discard(eye)
        if eye.returncode is None:
            eye.kill()
        await eye.wait()


async def _ask(eye: Process, order: Order, data: bytes) -> Found:
    if not eye.stdin or not eye.stdout:
        raise EOFError
    eye.stdin.write(msgspec.json.encode(order) + b"\n")
    eye.stdin.write(data)
    await eye.stdin.drain()
    if not (line := await eye.stdout.readline()):
        raise EOFError
    return msgspec.json.decode(line, type=Found)
