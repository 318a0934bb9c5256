"""The same work in this very process, beside it: for files that we made ourselves."""

import asyncio
from typing import Any, Protocol, TypeVar

import msgspec

from bot.ranges import Ranges, far_file
from bot.workshop.hand import done
from bot.workshop.wire import Order, raw

T = TypeVar("T")


class Workshop(Protocol):
    """Where work on files is done; raises `shop.Lost`."""

    async def do(
        self, kind: type[T], task: str, given: dict[str, Any], *files: bytes
    ) -> tuple[T, list[bytes]]: ...

    async def do_far(
        self, kind: type[T], task: str, given: dict[str, Any], far: Ranges
    ) -> tuple[T, list[bytes]]: ...


class Here:
    """A workshop without processes."""

    async def do(
        self, kind: type[T], task: str, given: dict[str, Any], *files: bytes
    ) -> tuple[T, list[bytes]]:
        """What came of a task, and the files it made."""
        order = Order(task, raw(given), tuple(map(len, files)))
        answer, made = await asyncio.to_thread(done, order, files)
        return msgspec.json.decode(answer.result, type=kind), list(made)

    async def do_far(
        self, kind: type[T], task: str, given: dict[str, Any], far: Ranges
    ) -> tuple[T, list[bytes]]:
        """The same for a file of which only pieces are read."""
        loop = asyncio.get_running_loop()

        def ask(start: int, length: int) -> bytes:
            return asyncio.run_coroutine_threadsafe(far.read(start, length), loop).result()

        order = Order(task, raw(given), far=far.size)
        answer, made = await asyncio.to_thread(done, order, far_file(far.size, ask))
        return msgspec.json.decode(answer.result, type=kind), list(made)
