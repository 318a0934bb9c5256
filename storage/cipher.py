"""Sealing what is private: AES-256-GCM, keys wrapped by a master key, blind indexes."""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
FRAME = 65_536
_ONE, _STREAM = b"\x01", b"\x02"
_NONCE, _TAG, _SALT, _ID = 12, 16, 16, 8
# What `seal` adds.
OVERHEAD = 1 + _NONCE + _TAG
# How a sealed stream is laid out.
HEADER, SEALED_FRAME = 1 + _SALT, FRAME + _TAG


class SealedWrong(Exception):
    """Sealed bytes could not be opened: another key, another place, or altered."""


def new_key() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, aad: bytes = b"") -> bytes:
    """Encrypt; `aad` names the place where the result belongs and must match at opening."""
    nonce = os.urandom(_NONCE)
    return _ONE + nonce + AESGCM(key).encrypt(nonce, plain, aad)


def open(key: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """What was sealed; raise SealedWrong when anything does not match."""
    if sealed[:1] != _ONE or len(sealed) < 1 + _NONCE + _TAG:
        raise SealedWrong("not sealed by us")
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], aad)
    except InvalidTag:
        raise SealedWrong("another key or place, or altered") from None


def derive(master: bytes, purpose: str) -> bytes:
    """A key of its own for one purpose, by HKDF."""
    return _hkdf(master, None, b"saathi:" + purpose.encode())


def master_id(master: bytes) -> bytes:
    """A short name of a master key that tells nothing about it."""
    return derive(master, "master id")[:_ID]


def wrapped_by(wrapped: bytes) -> bytes:
    """The name of the master key that a key is wrapped by."""
    return wrapped[:_ID]


def wrap(master: bytes, key: bytes, aad: bytes = b"") -> bytes:
    """A key made fit for storing; it carries the master key's name, so masters can change."""
    return master_id(master) + seal(derive(master, "wrap"), key, aad)


def unwrap(master: bytes, wrapped: bytes, aad: bytes = b"") -> bytes:
    """The key that was wrapped; raise SealedWrong when it was by another master key."""
    if wrapped_by(wrapped) != master_id(master):
        raise SealedWrong("wrapped by another master key")
    return open(derive(master, "wrap"), wrapped[_ID:], aad)


def blind_index(index_key: bytes, text: str) -> str:
    """A name to look something up by, from which it cannot be read back."""
    return hmac.digest(index_key, text.encode(), hashlib.sha256).hex()


async def seal_stream(
    key: bytes, chunks: AsyncIterator[bytes], aad: bytes = b""
) -> AsyncIterator[bytes]:
    """Encrypt a file of any size, frame by frame."""
    salt = os.urandom(_SALT)
    yield _STREAM + salt
    # A key for each stream, so that counted nonces never meet those of another.
    aead = AESGCM(_hkdf(key, salt, b"saathi:stream"))
    async for number, frame, last in _frames(chunks, FRAME):
        yield aead.encrypt(_counted(number, last), frame, aad)


async def open_stream(
    key: bytes, chunks: AsyncIterator[bytes], aad: bytes = b""
) -> AsyncIterator[bytes]:
    """What was sealed as a stream.

    Raises SealedWrong at the first wrong frame and at a missing end, so what came
    before is only known to be whole when the stream ends without an error.
    """
    start, rest = await _header(chunks)
    if start[:1] != _STREAM or len(start) < 1 + _SALT:
        raise SealedWrong("not sealed by us")
    aead = AESGCM(_hkdf(key, start[1:], b"saathi:stream"))
    async for number, frame, last in _frames(_chain(rest, chunks), FRAME + _TAG):
        try:
            yield aead.decrypt(_counted(number, last), frame, aad)
        except InvalidTag:
            raise SealedWrong("cut off, reordered or altered") from None


class Frames:
    """The frames of one sealed stream, each opened by itself; `header` is how it begins."""

    def __init__(self, key: bytes, header: bytes, aad: bytes = b"") -> None:
        if header[:1] != _STREAM or len(header) != HEADER:
            raise SealedWrong("not sealed by us")
        self._aead, self._aad = AESGCM(_hkdf(key, header[1:], b"saathi:stream")), aad

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """The bytes of a frame; raises SealedWrong when it is another, or altered."""
        try:
            return self._aead.decrypt(_counted(number, last), sealed, self._aad)
        except InvalidTag:
            raise SealedWrong("cut off, reordered or altered") from None


def _hkdf(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt, info).derive(key)


def _counted(number: int, last: bool) -> bytes:
    return number.to_bytes(_NONCE - 1, "big") + bytes([last])


async def _frames(
    chunks: AsyncIterator[bytes], size: int
) -> AsyncIterator[tuple[int, bytes, bool]]:
    number, held = 0, bytearray()
    async for chunk in chunks:
        held += chunk
        # Not at equal size: only what follows tells that a frame is not the last.
        while len(held) > size:
            yield number, bytes(held[:size]), False
            del held[:size]
            number += 1
    yield number, bytes(held), True


async def _header(chunks: AsyncIterator[bytes]) -> tuple[bytes, bytes]:
    held = b""
    async for chunk in chunks:
        held += chunk
        if len(held) > _SALT:
            break
    return held[: 1 + _SALT], held[1 + _SALT :]


async def _chain(first: bytes, then: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in then:
        yield chunk
