"""Pieces of a sealed document, opened without the rest of it."""

from typing import Protocol

from storage import cipher


class Parts(Protocol):
    """What of a shelf is needed here."""

    async def part(self, name: str, start: int, length: int) -> bytes:
        """So many bytes from there, fewer at the end; raises FileNotFoundError."""
        ...


class SealedRanges:
    """One document, any bytes of it: each frame proves itself, the whole is not hashed."""

    def __init__(self, shelf: Parts, name: str, frames: cipher.Frames, size: int) -> None:
        self._shelf, self._name, self._frames, self.size = shelf, name, frames, size

    async def read(self, start: int, length: int) -> bytes:
        """Exactly these bytes; ValueError beyond the end, SealedWrong where it was altered."""
        end = start + length
        if not 0 <= start <= end <= self.size:
            raise ValueError("beyond the end")
        if not length:
            return b""
        first, last = start // cipher.FRAME, (end - 1) // cipher.FRAME
        place = cipher.HEADER + first * cipher.SEALED_FRAME
        sealed = await self._shelf.part(self._name, place, (last - first + 1) * cipher.SEALED_FRAME)
        plain = b"".join(self._opened(first, sealed))
        return plain[start - first * cipher.FRAME :][:length]

    def _opened(self, first: int, sealed: bytes) -> list[bytes]:
        step, final = cipher.SEALED_FRAME, max(0, self.size - 1) // cipher.FRAME
        numbers = range(first, first + -(-len(sealed) // step))
        pieces = [sealed[at : at + step] for at in range(0, len(sealed), step)]
        return [
            self._frames.open(number, piece, last=number == final)
            for number, piece in zip(numbers, pieces, strict=True)
        ]
