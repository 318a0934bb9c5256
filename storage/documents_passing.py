"""What is learned of a file while its bytes pass by: hash, kind and size."""

from collections.abc import AsyncIterator
from hashlib import sha256

from msgspec import Struct

from storage.documents_mime import HEAD, sniff


class Kept(Struct, frozen=True):
    """A file that is safe with us: its SHA-256, what it is, and its size."""

    document: str
    mime: str
    size: int


class TooBig(Exception):
    """A file has more bytes than it may; nothing of it was kept."""


class Passing:
    """Looks at a file's bytes as they pass: how many, their hash, the first of them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.hash = sha256()
        self.head = b""

    async def watch(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same bytes; raises TooBig at the first one too many."""
        async for chunk in chunks:
            self.size += len(chunk)
            if self.size > self.limit:
                raise TooBig
            self.hash.update(chunk)
            if len(self.head) < HEAD:
                self.head += chunk[:HEAD]
            yield chunk

    def kept(self) -> Kept:
        """What the file turned out to be."""
        return Kept(self.hash.hexdigest(), sniff(self.head[:HEAD]), self.size)
