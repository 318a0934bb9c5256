"""One upload that is not complete yet: sealed frames in a file, to be gone on with at any byte."""

import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from storage import cipher

FRAME = cipher.FRAME
SLOT = FRAME + cipher.OVERHEAD
A_PIECE = 8


class Busy(Exception):
    """Another request is writing to this upload."""


class PartialFile:
    """Open for appending, by one at a time; all of it blocks, so use it in a thread.

    Every frame but the last holds FRAME bytes and is sealed for its number alone. The last
    is written anew as it grows; torn by a power cut it does not open, and is forgotten.
    """

    def __init__(self, path: Path, key: bytes, place: str) -> None:
        self._key, self._place = key, place
        # A request that is given up leaves its thread behind, still writing.
        self._lock = threading.Lock()
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file: IO[bytes] = open(handle, "r+b", buffering=0)  # noqa: SIM115 - closed by `close`
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._full, self._tail = self._found(path.stat().st_size)
        except BlockingIOError:
            self._file.close()
            raise Busy from None
        except BaseException:
            self._file.close()
            raise

    @property
    def offset(self) -> int:
        """How many bytes are here."""
        return self._full * FRAME + len(self._tail)

    def append(self, data: bytes) -> None:
        """Add bytes; whole frames are written, the rest waits for `flush`."""
        with self._lock:
            self._tail += data
            while len(self._tail) >= FRAME:
                self._write(bytes(self._tail[:FRAME]))
                self._full += 1
                del self._tail[:FRAME]

    def rewind(self, offset: int) -> None:
        """Forget all bytes from `offset` on, which may not lie ahead."""
        with self._lock:
            full, rest = divmod(offset, FRAME)
            kept = bytes(self._tail) if full == self._full else self._frame(full)
            self._full, self._tail = full, bytearray(kept[:rest])

    def flush(self) -> None:
        """See that every byte is safe on the disk."""
        with self._lock:
            self._file.truncate(self._full * SLOT)
            if self._tail:
                self._write(bytes(self._tail))
            os.fsync(self._file.fileno())

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in pieces of some frames; raises SealedWrong."""
        for first in range(0, self._full, A_PIECE):
            last = min(first + A_PIECE, self._full)
            yield b"".join(self._frame(number) for number in range(first, last))
        if self._tail:
            yield bytes(self._tail)

    def close(self) -> None:
        """Let the next one write."""
        with self._lock:
            self._file.close()

    def _found(self, size: int) -> tuple[int, bytearray]:
        full, rest = divmod(size, SLOT)
        tail = self._opened(full) if rest else b""
        while full and not tail and not self._opened(full - 1):
            full -= 1
        return full, bytearray(tail)

    def _opened(self, number: int) -> bytes:
        try:
            return self._frame(number)
        except cipher.SealedWrong:
            return b""

    def _frame(self, number: int) -> bytes:
        self._file.seek(number * SLOT)
        return cipher.open(self._key, self._file.read(SLOT), self._where(number))

    def _write(self, frame: bytes) -> None:
        self._file.seek(self._full * SLOT)
        sealed = cipher.seal(self._key, frame, self._where(self._full))
        # Unbuffered: a full disk writes a part of it, and says so by the count.
        if self._file.write(sealed) != len(sealed):
            raise OSError("short write")

    def _where(self, number: int) -> bytes:
        return f"upload:{self._place}:{number}".encode()
