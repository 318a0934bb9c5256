"""What the sandbox keeps: cases, documents and events as files in one folder."""

import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST = 128 * 1024 * 1024


@dataclass
class Kept:
    """One received case with everything that happened to it here."""

    number: str
    key: str
    received: str
    bundle: dict[str, Any]
    answer: dict[str, Any]
    status: str = "received"
    told: list[dict[str, Any]] = field(default_factory=list)
    slots: list[dict[str, str]] = field(default_factory=list)
    chosen: str = ""
    talk: str = ""
    opinion: str = ""
    history: list[dict[str, str]] = field(default_factory=list)


class Unacceptable(Exception):
    """A document that is not what its address says."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class Store:
    """Files in a folder; each is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("cases", "keys", "documents", "events", "outbox"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def cases(self) -> list[Kept]:
        """Every case, the newest first."""
        found = [self._read(path) for path in (self.folder / "cases").glob("*.json")]
        return sorted(found, key=lambda one: one.received, reverse=True)

    def case(self, number: str) -> Kept | None:
        """One case by its number."""
        path = self.folder / "cases" / f"{number}.json"
        return self._read(path) if NUMBER.fullmatch(number) and path.exists() else None

    def by_key(self, key: str) -> Kept | None:
        """The case that came with this idempotency key."""
        path = self._key(key)
        return self.case(path.read_text(encoding="ascii")) if path.exists() else None

    def keep(self, case: Kept) -> None:
        """Write a case; its key is known from then on."""
        self.write(self.folder / "cases" / f"{case.number}.json", asdict(case))
        self._replace(self._key(case.key), case.number.encode())

    def document(self, sha256: str) -> Path | None:
        """The file of a document that is here."""
        path = self.folder / "documents" / sha256
        return path if SHA256.fullmatch(sha256) and path.exists() else None

    def add(self, data: bytes) -> str:
        """Keep a document of our own; returns its hash."""
        name = hashlib.sha256(data).hexdigest()
        self._replace(self.folder / "documents" / name, data)
        return name

    async def receive(self, sha256: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep a document as it streams in; raise Unacceptable unless the hash fits."""
        found, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=self.folder / "documents", prefix=".", delete=False) as file:
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > LARGEST:
                        raise Unacceptable("too-large", 413)
                    found.update(chunk)
                    file.write(chunk)
                if found.hexdigest() != sha256:
                    raise Unacceptable("hash-mismatch", 422)
                file.flush()
                os.replace(file.name, self.folder / "documents" / sha256)
            finally:
                self.drop(Path(file.name))

    def drop(self, path: Path) -> None:
        """Remove a file of ours that may be gone already."""
        path.unlink(missing_ok=True)

    def write(self, path: Path, value: Any) -> None:
        """Write JSON, whole or not at all."""
        self._replace(path, json.dumps(value, ensure_ascii=False).encode())

    def events(self, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """The events made here, in order, with their places."""
        for path in sorted((self.folder / "events").glob("*.json")):
            if int(path.stem) > after:
                yield int(path.stem), json.loads(path.read_bytes())

    def _read(self, path: Path) -> Kept:
        return Kept(**json.loads(path.read_bytes()))

    def _key(self, key: str) -> Path:
        return self.folder / "keys" / hashlib.sha256(key.encode()).hexdigest()

    def _replace(self, path: Path, data: bytes) -> None:
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(data)
        os.replace(file.name, path)
