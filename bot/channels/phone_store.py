"""What the phone page keeps: one sealed transcript a phone, and the files of both sides."""

import base64
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from bot.channels import Button

PIECE = 1 << 20
REF = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{32}")
Seal = Callable[[bytes], bytes]


class TooBig(Exception):
    """A file is larger than the channel carries."""


class Card(Struct, frozen=True):
    """What a bubble shows of a file; `ref` fetches it."""

    ref: str
    name: str
    mime: str
    size: int


class Entry(Struct, frozen=True, omit_defaults=True):
    """One line of a transcript: a bubble, or how far one of Saathi's got (`tick`)."""

    n: int
    id: str
    at: datetime
    mine: bool = False
    kind: str = "text"
    text: str = ""
    buttons: tuple[Button, ...] = ()
    as_list: bool = False
    list_title: str = ""
    language: str = ""
    file: Card | None = None
    choice: str = ""
    quoted: str = ""
    album: str = ""
    tick: int = 0


def folder_of(phone: str) -> str:
    """A phone's folder; the id itself opens a chat and is never on disk."""
    return hashlib.sha256(phone.encode()).hexdigest()[:32]


class Store:
    """Append-only transcripts and files in one folder, everything sealed."""

    def __init__(self, folder: Path, seal: Seal, open_sealed: Seal) -> None:
        self.folder = folder
        self.seal = seal
        self.open_sealed = open_sealed

    def read(self, phone: str) -> list[Entry]:
        """The transcript so far; a line torn by a crash is left out."""
        path = self._transcript(phone)
        if not path.exists():
            return []
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            with path.open("ab") as file:
                file.write(b"\n")
        return [entry for line in data.splitlines() if (entry := self._entry(line))]

    def append(self, phone: str, entry: Entry) -> None:
        """Add one line."""
        path = self._transcript(phone)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(base64.b64encode(self.seal(msgspec.json.encode(entry))) + b"\n")

    async def keep(self, phone: str, parts: AsyncIterator[bytes], most: int) -> tuple[str, int]:
        """Keep a file; returns its ref and size, raises TooBig beyond `most` bytes."""
        ref = f"{folder_of(phone)}.{secrets.token_hex(16)}"
        path = self._file(ref)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                return ref, await self._write(file, parts, most)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def has(self, ref: str) -> bool:
        """Whether the file is here."""
        return bool(REF.fullmatch(ref)) and self._file(ref).exists()

    def pieces(self, ref: str) -> Iterator[bytes]:
        """The bytes of a file that is here."""
        with self._file(ref).open("rb") as file:
            while length := int.from_bytes(file.read(4), "big"):
                yield self.open_sealed(file.read(length))

    async def _write(self, file: BinaryIO, parts: AsyncIterator[bytes], most: int) -> int:
        size, held = 0, b""
        async for part in parts:
            size += len(part)
            if size > most:
                raise TooBig
            held += part
            while len(held) >= PIECE:
                self._piece(file, held[:PIECE])
                held = held[PIECE:]
        if held:
            self._piece(file, held)
        return size

    def _piece(self, file: BinaryIO, data: bytes) -> None:
        sealed = self.seal(data)
        file.write(len(sealed).to_bytes(4, "big") + sealed)

    def _entry(self, line: bytes) -> Entry | None:
        try:
            return msgspec.json.decode(self.open_sealed(base64.b64decode(line)), type=Entry)
        except Exception:
            return None

    def _transcript(self, phone: str) -> Path:
        return self.folder / folder_of(phone) / "transcript"

    def _file(self, ref: str) -> Path:
        return self.folder / ref[:32] / ref[33:]
