"""Sealed files in a folder: `<folder>/<case>/<document>`, readable by this user only."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

PIECE = 256 * 1024


class Folder:
    """A shelf on this machine's disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def put(self, name: str, file: IO[bytes]) -> None:
        """Keep a whole file under a name, at once or not at all."""
        await asyncio.to_thread(self._put, name, file)

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """The bytes of a file; raises FileNotFoundError."""
        file = await asyncio.to_thread((self.root / name).open, "rb")
        try:
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece
        finally:
            file.close()

    async def part(self, name: str, start: int, length: int) -> bytes:
        """So many bytes from there, fewer at the end; raises FileNotFoundError."""
        return await asyncio.to_thread(self._part, name, start, length)

    async def size(self, name: str) -> int | None:
        """How many bytes a file has, None when there is none."""
        return await asyncio.to_thread(self._size, name)

    async def delete(self, name: str) -> None:
        """Remove a file; harmless when it is gone already."""
        await asyncio.to_thread((self.root / name).unlink, missing_ok=True)

    async def empty(self, folder: str) -> None:
        """Remove all files under a name; harmless when there are none."""
        await asyncio.to_thread(shutil.rmtree, self.root / folder, ignore_errors=True)

    def _put(self, name: str, file: IO[bytes]) -> None:
        path = self.root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes it 0600; the dot keeps a half-written file out of every listing.
        handle, half = tempfile.mkstemp(prefix=".half-", dir=path.parent)
        try:
            with open(handle, "wb") as out:
                shutil.copyfileobj(file, out, PIECE)
                out.flush()
                os.fsync(out.fileno())
            os.replace(half, path)
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)

    def _part(self, name: str, start: int, length: int) -> bytes:
        with (self.root / name).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def _size(self, name: str) -> int | None:
        try:
            return (self.root / name).stat().st_size
        except FileNotFoundError:
            return None


def _flush_folder(folder: Path) -> None:
    # A rename is only safe from a power cut once its folder is written.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
