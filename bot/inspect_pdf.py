"""The look at a PDF: whether it opens, and how many pages it has."""

from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from bot.found import Found

MOST_PAGES = 2_000


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
