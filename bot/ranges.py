"""A file that lies elsewhere, read piece by piece as if it were here."""

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

BLOCK = 64 * 1024
ROOM = 64


class Ranges(Protocol):
    """A stored file of which pieces can be read; `size` in bytes."""

    @property
    def size(self) -> int: ...

    async def read(self, start: int, length: int) -> bytes: ...


class RangeFile(io.RawIOBase):
    """Seekable and read-only; `ask(start, length)` gives exactly those bytes.

    The latest ROOM blocks are held, 4 MB, whatever the size of the file.
    """

    # Some parsers ask every open file for it.
    name = ""

    def __init__(self, size: int, ask: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._ask, self._at = size, ask, 0
        self._held: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; also beyond the end, where nothing is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill from where we are; the rest of one block at most."""
        number, within = divmod(self._at, BLOCK)
        if self._at >= self._size:
            return 0
        piece = self._block(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _block(self, number: int) -> bytes:
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        start = number * BLOCK
        found = self._ask(start, min(BLOCK, self._size - start))
        self._held[number] = found
        if len(self._held) > ROOM:
            self._held.popitem(last=False)
        return found


def far_file(size: int, ask: Callable[[int, int], bytes]) -> io.BufferedReader:
    """The same with whole reads, as parsers expect them."""
    return io.BufferedReader(RangeFile(size, ask))
