"""Uploads under way: their tickets and their sealed bytes, in a folder by case."""

import asyncio
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from flows.messages import Address
from storage import cipher
from storage.documents_sealed import Keys
from storage.partial_file import Busy, PartialFile

__all__ = ["Busy", "PartialFile", "Partials", "Ticket", "new_id", "read"]

A_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
TICKET, PART = ".ticket", ".part"


class Ticket(msgspec.Struct, frozen=True):
    """One upload: for whom, how long it will be, until when it is kept.

    `state` is open, full (all bytes came), kept (they are a document now) or ended (by the
    person).
    """

    id: str
    sender: Address
    case: str
    slot: str
    length: int
    until: datetime
    state: str = "open"


def new_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_urlsafe(24)


class Partials:
    """The folder. Bytes are sealed with their case's key, tickets with one of our own."""

    def __init__(self, root: Path, key: bytes, keyring: Keys) -> None:
        self._root, self._key, self._keyring = root, key, keyring

    async def begin(self, ticket: Ticket) -> None:
        """Keep the ticket of a new upload; raises KeyErased."""
        # Its bytes may outlast Redis, so their key must.
        await self._keyring.keep(_subject(ticket.case))
        await self.put(ticket)

    async def put(self, ticket: Ticket) -> None:
        """Keep a ticket in place of its former one, at once or not at all."""
        await asyncio.to_thread(self._put, ticket)

    async def room(self) -> int:
        """How many bytes the disk still takes."""
        await asyncio.to_thread(self._root.mkdir, mode=0o700, parents=True, exist_ok=True)
        return (await asyncio.to_thread(shutil.disk_usage, self._root)).free

    async def get(self, case: str, name: str) -> Ticket | None:
        """The ticket of an upload, None when there is none (any more)."""
        if not (A_NAME.fullmatch(case) and A_NAME.fullmatch(name)):
            return None
        return await asyncio.to_thread(self._get, self._root / case / (name + TICKET))

    async def of(self, case: str = "*") -> list[Ticket]:
        """The tickets of one case, or of all."""
        return await asyncio.to_thread(lambda: list(self._all(case)))

    async def open(self, ticket: Ticket) -> PartialFile:
        """The bytes, for this one alone until it is closed; raises Busy, KeyErased."""
        key = await self._keyring.key(_subject(ticket.case))
        path = self._path(ticket, PART)
        await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        return await asyncio.to_thread(PartialFile, path, key, ticket.id)

    async def settle(self, ticket: Ticket, state: str) -> None:
        """The bytes are not needed any more; the ticket tells why until its time is over."""
        await self.put(msgspec.structs.replace(ticket, state=state))
        await asyncio.to_thread(self._path(ticket, PART).unlink, missing_ok=True)

    async def remove(self, ticket: Ticket) -> None:
        """Nothing of it is left; harmless when it is gone already."""
        for ending in (PART, TICKET):
            await asyncio.to_thread(self._path(ticket, ending).unlink, missing_ok=True)

    def _path(self, ticket: Ticket, ending: str) -> Path:
        return self._root / ticket.case / (ticket.id + ending)

    def _put(self, ticket: Ticket) -> None:
        path = self._path(ticket, TICKET)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = cipher.seal(self._key, msgspec.json.encode(ticket), _place(path))
        handle, half = tempfile.mkstemp(prefix=".half-", dir=path.parent)
        with open(handle, "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        Path(half).replace(path)

    def _get(self, path: Path) -> Ticket | None:
        try:
            plain = cipher.open(self._key, path.read_bytes(), _place(path))
        except (FileNotFoundError, cipher.SealedWrong):
            return None
        return msgspec.json.decode(plain, type=Ticket)

    def _all(self, case: str) -> Iterator[Ticket]:
        for path in self._root.glob(f"{case}/*{TICKET}"):
            if ticket := self._get(path):
                yield ticket


async def read(file: PartialFile) -> AsyncIterator[bytes]:
    """All bytes of an upload, as `Documents.keep` takes them."""
    pieces = file.pieces()
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


def _subject(case: str) -> str:
    return f"case:{case}"


def _place(path: Path) -> bytes:
    return f"ticket:{path.parent.name}/{path.name}".encode()
