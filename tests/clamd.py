"""A ClamAV daemon: the real one where it is installed, else one that speaks its protocol.

The stand-in is as strict as clamd 1.4 about the protocol: an unknown command, a chunk
longer than its limit or a missing end is refused in clamd's words.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.hostile.papers import EICAR

LIMIT = 25 * 1024 * 1024


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(await _found(reader) + b"\0")
        await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    finally:
        writer.close()


async def _found(reader: asyncio.StreamReader) -> bytes:
    if await reader.readuntil(b"\0") != b"zINSTREAM\0":
        return b"UNKNOWN COMMAND"
    data = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        if len(data) + size > LIMIT:
            return b"INSTREAM size limit exceeded. ERROR"
        data += await reader.readexactly(size)
    return b"stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in data else b"stream: OK"


@asynccontextmanager
async def clamd() -> AsyncIterator[str]:
    """The address of a daemon that runs as long as this lasts."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
