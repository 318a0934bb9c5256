"""Documents on a shelf that sees nothing but sealed bytes."""

import re
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from hashlib import sha256
from typing import IO, Protocol

from storage import cipher
from storage.documents_passing import Kept, Passing
from storage.documents_ranges import SealedRanges

SPOOL = 1024 * 1024
A_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NotKept(Exception):
    """There is no such document in this case."""


class Keys(Protocol):
    """What of the keyring is needed here."""

    async def key(self, subject: str) -> bytes:
        """The subject's key, made at first use."""
        ...

    async def keep(self, subject: str) -> None:
        """See that the key outlasts Redis."""
        ...


class Shelf(Protocol):
    """Where sealed files lie: a folder or a bucket."""

    async def put(self, name: str, file: IO[bytes]) -> None: ...

    def get(self, name: str) -> AsyncIterator[bytes]: ...

    async def part(self, name: str, start: int, length: int) -> bytes: ...

    async def size(self, name: str) -> int | None: ...

    async def delete(self, name: str) -> None: ...

    async def empty(self, folder: str) -> None: ...


class SealedDocuments:
    """Each file sealed with its case's key, and named by the hash of what is in it.

    What is on its way in lies in `scratch`: where the system keeps such files is often memory.
    """

    def __init__(self, shelf: Shelf, keyring: Keys, scratch: str | None = None) -> None:
        self._shelf = shelf
        self._keyring = keyring
        self._scratch = scratch

    async def keep(self, case: str, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        """Keep a file, once for the same bytes; raises TooBig beyond `limit` bytes."""
        # The file outlasts Redis, so its key must.
        await self._keyring.keep(_subject(case))
        key = await self._keyring.key(_subject(case))
        passing = Passing(limit)
        # Sealed before it touches the disk; small files never do.
        with tempfile.SpooledTemporaryFile(SPOOL, dir=self._scratch) as spool:
            async for piece in cipher.seal_stream(key, passing.watch(chunks), _place(case)):
                spool.write(piece)
            kept = passing.kept()
            await self._shelve(_name(case, kept.document), spool)
        return kept

    async def read(self, case: str, document: str) -> AsyncIterator[bytes]:
        """The bytes, whole and unaltered: raises NotKept, or SealedWrong before the last."""
        key = await self._keyring.key(_subject(case))
        seen, held = sha256(), b""
        async with aclosing(self._sealed(case, document)) as sealed:
            async for piece in cipher.open_stream(key, sealed, _place(case)):
                seen.update(piece)
                if held:
                    yield held
                held = piece
        # One file of a case put in place of another opens well, but is not this one.
        if seen.hexdigest() != document:
            raise cipher.SealedWrong("not the document of this name")
        yield held

    async def ranges(self, case: str, document: str) -> SealedRanges:
        """Any bytes of it, without the rest; raises NotKept."""
        name, size = _name(case, document), await self.size(case, document)
        key = await self._keyring.key(_subject(case))
        header = await self._shelf.part(name, 0, cipher.HEADER)
        return SealedRanges(self._shelf, name, cipher.Frames(key, header, _place(case)), size)

    async def has(self, case: str, document: str) -> bool:
        """Whether it is there."""
        return await self._shelf.size(_name(case, document)) is not None

    async def size(self, case: str, document: str) -> int:
        """How many bytes `read` will give; raises NotKept."""
        sealed = await self._shelf.size(_name(case, document))
        if sealed is None:
            raise NotKept
        return plain_size(sealed)

    async def delete(self, case: str, document: str) -> None:
        """Remove it; harmless when it is gone already."""
        await self._shelf.delete(_name(case, document))

    async def empty(self, case: str) -> None:
        """Remove all that was kept in a case, also what was made of its files."""
        if not A_NAME.fullmatch(case):
            raise NotKept
        await self._shelf.empty(case)

    async def _shelve(self, name: str, spool: IO[bytes]) -> None:
        # Of another length: left by something that went wrong, so put again.
        if await self._shelf.size(name) != spool.tell():
            spool.seek(0)
            await self._shelf.put(name, spool)

    async def _sealed(self, case: str, document: str) -> AsyncGenerator[bytes]:
        try:
            async for piece in self._shelf.get(_name(case, document)):
                yield piece
        except FileNotFoundError:
            raise NotKept from None


def plain_size(sealed: int) -> int:
    """How long a file was before it was sealed."""
    frames = -(-(sealed - cipher.HEADER) // cipher.SEALED_FRAME)
    return sealed - cipher.HEADER - frames * (cipher.SEALED_FRAME - cipher.FRAME)


def _subject(case: str) -> str:
    return f"case:{case}"


def _place(case: str) -> bytes:
    return f"document:{case}".encode()


def _name(case: str, document: str) -> str:
    # Both come from links and webhooks too: nothing but a plain name may leave the folder.
    if not (A_NAME.fullmatch(case) and A_NAME.fullmatch(document)):
        raise NotKept
    return f"{case}/{document}"
