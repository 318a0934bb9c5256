"""Updates that the mailbox cannot take now, on disk and encrypted until it can.

Each process appends to a file of its own, which it holds locked; those of processes that
died are taken over. A record is its length in 4 bytes, then the sealed updates.
"""

import asyncio
import fcntl
import logging
import os
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from msgspec.msgpack import Decoder, Encoder

from flows.messages import Update
from storage import cipher

log = logging.getLogger(__name__)

LENGTH, PLACE = 4, b"spool"
Take = Callable[[Sequence[Update]], Awaitable[None]]
_encoder, _decoder = Encoder(), Decoder(list[Update])


@dataclass
class _File:
    """One file, locked by this process. `waiting` are records that nobody has taken yet."""

    path: Path
    file: IO[bytes]
    waiting: list[bytes] = field(default_factory=list)

    def append(self, record: bytes) -> None:
        self.waiting.append(record)
        self.file.write(len(record).to_bytes(LENGTH, "big") + record)
        self.file.flush()

    def shorten(self, left: list[bytes]) -> None:
        """Only these are still to be taken: the file is replaced whole."""
        following = self.path.with_suffix(".new")
        following.unlink(missing_ok=True)
        file = _opened(following)
        self.file.close()
        self.file, self.waiting = file, []
        for record in left:
            self.append(record)
        os.fsync(file.fileno())
        following.rename(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.file.close()


class Spool:
    """What waits on this disk, in order. `key`: 32 bytes."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder, key
        self._own: _File | None = None
        self._senders = Counter[str]()
        self._draining = asyncio.Lock()

    def holds(self, updates: Iterable[Update]) -> bool:
        """Whether earlier updates of one of these people wait here."""
        return any(update.sender.key in self._senders for update in updates)

    async def keep(self, updates: Sequence[Update]) -> None:
        """On disk when this returns; raises OSError when the disk cannot take it."""
        own = self._own or self._open()
        own.append(cipher.seal(self._key, _encoder.encode(list(updates)), PLACE))
        self._senders.update(update.sender.key for update in updates)
        # A second handle: the file may be replaced meanwhile.
        await asyncio.to_thread(_written, os.dup(own.file.fileno()))

    async def drain(self, take: Take) -> int:
        """Hand on what waits, in order; how much is left.

        What `take` refuses stays, and with it what the same people sent later.
        """
        async with self._draining:
            left = 0
            for file in self._files():
                try:
                    left += await self._drained(file, take)
                except cipher.SealedWrong:
                    log.error("a spool file is sealed with another master key: %s", file.path.name)
            return left

    def close(self) -> None:
        """Let go of the file; whoever starts next takes it over."""
        if self._own:
            self._own.file.close()
            self._own = None

    async def _drained(self, file: _File, take: Take) -> int:
        late, left = set[str](), list[bytes]()
        count = len(file.waiting)
        for record in file.waiting[:count]:
            updates = self._opened(record)
            names = {update.sender.key for update in updates}
            if names & late or not await _taken(take, updates):
                late |= names
                left.append(record)
        # What came meanwhile stands behind.
        left += file.waiting[count:]
        self._keep_only(file, left)
        return len(left)

    def _keep_only(self, file: _File, left: list[bytes]) -> None:
        if len(left) < len(file.waiting):
            if left:
                file.shorten(left)
            else:
                file.remove()
        if file is self._own:
            opened = (update for record in left for update in self._opened(record))
            self._senders = Counter(update.sender.key for update in opened)
            self._own = file if left else None
        elif left:
            file.file.close()

    def _opened(self, record: bytes) -> list[Update]:
        return _decoder.decode(cipher.open(self._key, record, PLACE))

    def _files(self) -> Iterator[_File]:
        """Those that no living process holds, then ours."""
        for path in sorted(self._folder.glob("*.spool")):
            if not (self._own and path == self._own.path) and (file := _locked(path)):
                found = _File(path, file, list(_records(path)))
                if found.waiting:
                    yield found
                else:
                    found.remove()
        if self._own:
            yield self._own

    def _open(self) -> _File:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{secrets.token_hex(8)}.spool"
        self._own = _File(path, _opened(path))
        return self._own


def _written(handle: int) -> None:
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _taken(take: Take, updates: Sequence[Update]) -> bool:
    try:
        await take(updates)
    except Exception:
        return False
    return True


def _opened(path: Path) -> IO[bytes]:
    """A new file, for this process alone."""
    if not (file := _locked(path)):
        raise BlockingIOError(f"{path.name} is held by another process")
    return file


def _locked(path: Path) -> IO[bytes] | None:
    """The file, open for appending and locked; None where another process has it."""
    file = path.open("ab")
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.exists():  # its holder may have finished with it meanwhile
            return file
    file.close()
    return None


def _records(path: Path) -> Iterator[bytes]:
    """Whole records; what a process was writing when it died was never acknowledged."""
    data = path.read_bytes()
    while len(data) >= LENGTH:
        end = LENGTH + int.from_bytes(data[:LENGTH], "big")
        if len(data) < end:
            return
        yield data[LENGTH:end]
        data = data[end:]
