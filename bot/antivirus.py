"""Asks a ClamAV daemon about a stored file, by its INSTREAM command (clamd(8))."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from msgspec import Struct

PORT = 3310
LONGEST = 120.0
UNREACHABLE = (OSError, TimeoutError, asyncio.IncompleteReadError)


class NotScanned(Exception):
    """The daemon did not answer, or refused to look."""


class Antivirus(Struct, frozen=True):
    """Where the daemon is: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`."""

    url: str

    async def harmful(self, chunks: AsyncIterator[bytes]) -> bool:
        """Whether something known as harmful is in these bytes; raises NotScanned."""
        try:
            async with asyncio.timeout(LONGEST):
                answer = await self._asked(chunks)
        except UNREACHABLE as error:
            raise NotScanned(type(error).__name__) from error
        if not answer.endswith((b"OK", b"FOUND")):
            raise NotScanned("refused")
        return answer.endswith(b"FOUND")

    async def _asked(self, chunks: AsyncIterator[bytes]) -> bytes:
        reader, writer = await self._connected()
        try:
            writer.write(b"zINSTREAM\0")
            async for chunk in chunks:
                writer.write(len(chunk).to_bytes(4, "big") + chunk if chunk else b"")
                await writer.drain()
            writer.write(bytes(4))
            return (await reader.readuntil(b"\0")).rstrip(b"\0")
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port or PORT)
