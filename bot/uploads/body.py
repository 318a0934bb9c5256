"""The bytes of one request, into an upload: as far as they come, and no further."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from bot.uploads.tus import MISMATCH, Checksum, Refusal
from storage.partials import PartialFile

AT_ONCE = 512 * 1024
# A phone that left without a word is not waited for.
PATIENCE = 60.0

Receive = Callable[[], Awaitable[Any]]


async def pour(
    receive: Receive, file: PartialFile, most: int, checksum: Checksum, stop: asyncio.Event
) -> None:
    """Append the body; what came before a cut stays. `most` bytes may follow.

    Refusal(413) where there are more, Refusal(460) where they are not what was sent:
    then the upload is as it was before.
    """
    start = file.offset
    try:
        async with aclosing(_gathered(arriving(receive, stop))) as gathered:
            async for data in gathered:
                if file.offset - start + len(data) > most:
                    raise Refusal(413)
                checksum.update(data)
                await asyncio.to_thread(file.append, data)
        if not checksum.matches():
            raise Refusal(MISMATCH)
    except Refusal:
        await asyncio.to_thread(file.rewind, start)
        raise
    finally:
        await asyncio.to_thread(file.flush)


async def arriving(receive: Receive, stop: asyncio.Event) -> AsyncGenerator[bytes]:
    """The body as it comes; ends early at a cut, a long silence, or when `stop` is set."""
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            message = await _next(receive, stopped)
            if message.get("type") != "http.request":
                return
            yield message.get("body", b"")
            if not message.get("more_body"):
                return
    finally:
        stopped.cancel()


async def _next(receive: Receive, stopped: "asyncio.Future[Any]") -> dict[str, Any]:
    coming: asyncio.Future[Any] = asyncio.ensure_future(receive())
    first = asyncio.FIRST_COMPLETED
    try:
        await asyncio.wait((coming, stopped), timeout=PATIENCE, return_when=first)
        return coming.result() if coming.done() else {}
    finally:
        coming.cancel()


async def _gathered(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    held = bytearray()
    async for piece in pieces:
        held += piece
        if len(held) >= AT_ONCE:
            yield bytes(held)
            held.clear()
    yield bytes(held)
