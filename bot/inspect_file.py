"""The look at a stored file while the person is still there: readable, and of a usable kind."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any, BinaryIO

import pillow_heif
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from bot import sight
from bot.found import IN_PARTS, WORD, Found
from bot.inspect_dicom import inspect_dicom
from bot.inspect_word import inspect_word
from bot.inspect_zip import inspect_zip
from storage.documents_mime import PHOTOS

MOST_PIXELS = 120_000_000
MOST_PAGES = 2_000


def look_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[Found, list[bytes]]:
    """The look as a workshop's task: `mime`, `tries` and `form` are given."""
    return inspect(files[0], given["mime"], given["tries"], given.get("form", "page")), []


def inspect(data: bytes, mime: str, tries_before: int, form: sight.Form = "page") -> Found:
    """Look at the bytes of a file; never raises on a broken one.

    `form` says of what a photo should be: a page, a film or a lesion.
    """
    if mime in PHOTOS:
        return _photo(data, tries_before, form)
    if inspect_parts := BY_PARTS.get(mime):
        return inspect_parts(io.BytesIO(data))
    if mime == WORD:
        return inspect_word(io.BytesIO(data))
    return Found("refused", "wrong_type")


@cache
def read_heic() -> None:
    """iPhones send HEIC as a file. Only the process that looks needs to read it."""
    pillow_heif.register_heif_opener()


def _photo(data: bytes, tries_before: int, form: sight.Form) -> Found:
    read_heic()
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                return Found("refused", "too_big")
            seen = sight.look(image, form)
    except Image.DecompressionBombError:
        return Found("refused", "too_big")
    except (UnidentifiedImageError, OSError, ValueError):
        return Found("refused", "unreadable")
    verdict, reason = sight.verdict(seen, tries_before)
    return Found(verdict, reason, measures=seen.measures, likeness=seen.likeness)


def inspect_pdf(file: BinaryIO) -> Found:
    """How many pages a PDF has; never raises on a broken one."""
    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            return Found("refused", "encrypted")
        pages = len(reader.pages)
    except (PyPdfError, ValueError, OSError, KeyError, RecursionError, NotImplementedError):
        return Found("refused", "unreadable")
    if pages > MOST_PAGES:
        return Found("refused", "too_big")
    return Found("ok", pages=pages) if pages else Found("refused", "empty")


BY_PARTS = dict(zip(IN_PARTS, (inspect_pdf, inspect_dicom, inspect_zip), strict=True))
