"""Asks a ClamAV daemon about a stored file, by its INSTREAM command (clamd(8))."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from msgspec import Struct

PORT = 3310
# Of one piece, in seconds.
LONGEST = 120.0
# The least that a daemon of any version takes at once, unless told otherwise.
MOST = 25 * 1024**2
# What is known as harmful is found by strings shorter than this.
OVERLAP = 64 * 1024
UNREACHABLE = (OSError, TimeoutError, asyncio.IncompleteReadError)


class NotScanned(Exception):
    """The daemon did not answer, or refused to look."""


class Antivirus(Struct, frozen=True):
    """Where the daemon is: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`.

    `most` bytes it takes at once (its StreamMaxLength); a larger file is shown in pieces.
    """

    url: str
    most: int = MOST

    async def harmful(self, chunks: AsyncIterator[bytes]) -> bool:
        """Whether something known as harmful is in these bytes; raises NotScanned."""
        try:
            async with asyncio.timeout(LONGEST) as limit:
                answer = await self._asked(chunks, limit)
        except UNREACHABLE as error:
            raise NotScanned(type(error).__name__) from error
        if not answer.endswith((b"OK", b"FOUND")):
            raise NotScanned("refused")
        return answer.endswith(b"FOUND")

    async def _asked(self, chunks: AsyncIterator[bytes], limit: asyncio.Timeout) -> bytes:
        """The answer about the first piece that is not said to be good, or about the last."""
        piece = await self._piece()
        try:
            async for chunk in chunks:
                if piece.size + len(chunk) > self.most:
                    answer, tail = await piece.answer(), piece.tail
                    if not answer.endswith(b"OK"):
                        return answer
                    limit.reschedule(asyncio.get_running_loop().time() + LONGEST)
                    piece = await self._piece()
                    await piece.show(tail)
                await piece.show(chunk)
            return await piece.answer()
        finally:
            piece.writer.close()

    async def _piece(self) -> "Piece":
        piece = Piece(*await self._connected())
        piece.writer.write(b"zINSTREAM\0")
        return piece

    async def _connected(self) -> tuple[StreamReader, StreamWriter]:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port or PORT)


class Piece(Struct):
    """As much of a file as the daemon takes at once; `tail` begins the next one."""

    reader: StreamReader
    writer: StreamWriter
    size: int = 0
    tail: bytes = b""

    async def show(self, chunk: bytes) -> None:
        """Send some of it; nothing for no bytes, which would end it."""
        if chunk:
            self.size += len(chunk)
            self.tail = (self.tail + chunk)[-OVERLAP:]
            self.writer.write(len(chunk).to_bytes(4, "big") + chunk)
            await self.writer.drain()

    async def answer(self) -> bytes:
        """What the daemon says about it; it hangs up then."""
        self.writer.write(bytes(4))
        said = (await self.reader.readuntil(b"\0")).rstrip(b"\0")
        self.writer.close()
        return said
