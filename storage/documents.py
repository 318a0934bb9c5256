"""The document store: content hash as identity, sealed with the case's key, streamed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from storage.documents_folder import Folder
from storage.documents_passing import Kept, TooBig
from storage.documents_ranges import SealedRanges
from storage.documents_s3 import S3, s3_client
from storage.documents_sealed import Keys, NotKept, SealedDocuments, Shelf

__all__ = ["Documents", "Kept", "NotKept", "TooBig", "once", "open_documents", "whole"]


class Documents(Protocol):
    """What people sent and what comes back to them, by case."""

    async def keep(self, case: str, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        """Keep a file, once for the same bytes; raises TooBig beyond `limit` bytes."""
        ...

    def read(self, case: str, document: str) -> AsyncIterator[bytes]:
        """The bytes, whole and unaltered: raises NotKept, or SealedWrong before the last."""
        ...

    async def ranges(self, case: str, document: str) -> SealedRanges:
        """Any bytes of it, without the rest; raises NotKept."""
        ...

    async def has(self, case: str, document: str) -> bool:
        """Whether it is there."""
        ...

    async def size(self, case: str, document: str) -> int:
        """How many bytes `read` will give; raises NotKept."""
        ...

    async def delete(self, case: str, document: str) -> None:
        """Remove it; harmless when it is gone already."""
        ...

    async def empty(self, case: str) -> None:
        """Remove all that was kept in a case, also what was made of its files."""
        ...


async def whole(documents: Documents, case: str, document: str) -> bytes:
    """All bytes of a file; for those that may be held in memory."""
    return b"".join([chunk async for chunk in documents.read(case, document)])


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Bytes that are here already, as `keep` takes a file that comes."""
    yield data


def open_documents(
    url: str, endpoint_url: str, region: str, keyring: Keys, folder_default: Path
) -> Documents:
    """The store that the settings name: `s3://bucket/prefix`, a folder, or the default."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        shelf: Shelf = S3(s3_client(endpoint_url, region), parts.netloc, parts.path)
    elif parts.scheme == "file":
        shelf = Folder(Path(unquote(parts.path)))
    else:
        shelf = Folder(Path(url) if url else folder_default)
    scratch = folder_default.parent
    return SealedDocuments(shelf, keyring, str(scratch) if scratch.is_dir() else None)
