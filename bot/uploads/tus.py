"""What tus 1.0 (https://tus.io) says about headers and statuses, apart from what is done."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

VERSION = "1.0.0"
HASHES = ("sha1", "sha256")
BODY = "application/offset+octet-stream"
LARGEST = 2**53
MISMATCH = 460


class Refusal(Exception):
    """An answer that is not what was asked for."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def always() -> dict[str, str]:
    """The headers of every answer."""
    return {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}


def offered(most: int) -> dict[str, str]:
    """What this server can do; `most` bytes a file."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,termination,expiration,checksum",
        "Tus-Checksum-Algorithm": ",".join(HASHES),
        "Tus-Max-Size": str(most),
    }


def expect_version(headers: Mapping[str, str]) -> None:
    """Refusal(412) for another version of the protocol."""
    if headers.get("tus-resumable") != VERSION:
        raise Refusal(412, Tus_Version=VERSION)


def number(headers: Mapping[str, str], name: str) -> int:
    """A count of bytes; Refusal(400) where it is none."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or int(text[:17]) > LARGEST or len(text) > 16:
        raise Refusal(400)
    return int(text)


def expect_body(headers: Mapping[str, str]) -> None:
    """Refusal(415) for bytes that are not announced as the protocol wants it."""
    if headers.get("content-type", "").split(";")[0].strip() != BODY:
        raise Refusal(415)


def until(when: datetime) -> dict[str, str]:
    """When what is not complete will be removed."""
    return {"Upload-Expires": format_datetime(when.astimezone(UTC), usegmt=True)}


class Checksum:
    """The hash that a client sent along; without one everything matches."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        name, _, value = headers.get("upload-checksum", "").partition(" ")
        if name and name not in HASHES:
            raise Refusal(400)
        self._hash: Any = hashlib.new(name, usedforsecurity=False) if name else None
        self._wanted = _decoded(value)

    def update(self, data: bytes) -> None:
        """These bytes came."""
        if self._hash:
            self._hash.update(data)

    def matches(self) -> bool:
        """Whether all that came is what was sent."""
        return not self._hash or self._hash.digest() == self._wanted


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Refusal(400) from None
