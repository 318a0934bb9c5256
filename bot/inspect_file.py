"""The look at a stored file while the person is still there: readable, and of a usable kind."""

import io

from msgspec import Struct
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from bot import quality

PHOTOS = ("image/jpeg", "image/png", "image/webp")
OFFICE = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/msword",
)
UNMEASURED = ("image/heic", *OFFICE)
MOST_PIXELS = 120_000_000
MOST_BYTES = 40_000_000


class Found(Struct, frozen=True):
    """What the look found; see `DocumentKept` for the words."""

    verdict: str
    reason: str = ""
    pages: int = 1
    measures: dict[str, float] = {}


def inspect(data: bytes, mime: str, tries_before: int) -> Found:
    """Look at the bytes of a file; never raises on a broken one."""
    if mime in PHOTOS:
        return _photo(data, tries_before)
    if mime == "application/pdf":
        return _pdf(data)
    if mime in UNMEASURED:
        return Found("ok")
    return Found("refused", "wrong_type")


def _photo(data: bytes, tries_before: int) -> Found:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                return Found("refused", "too_big")
            measures = quality.measure(image)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return Found("refused", "unreadable")
    verdict, reason = quality.verdict(measures, tries_before)
    return Found(verdict, reason, measures=measures)


def _pdf(data: bytes) -> Found:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return Found("refused", "encrypted")
        pages = len(reader.pages)
    except (PyPdfError, ValueError, OSError, KeyError, RecursionError, NotImplementedError):
        return Found("refused", "unreadable")
    return Found("ok", pages=pages) if pages else Found("refused", "empty")
