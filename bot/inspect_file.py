"""The look at a stored file while the person is still there: readable, and of a usable kind."""

import io
from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any, BinaryIO

from bot import sight
from bot.found import DICOM, PDF, WORD, Found
from bot.inspect_photo import inspect_photo
from storage.documents_mime import PHOTOS, ZIP

# Each `(file) -> Found`. Imported with the first such file: nobody who sent a photo waits the
# seconds that the libraries for scans and PDFs take.
LOOKS = {
    PDF: "bot.inspect_pdf:inspect_pdf",
    DICOM: "bot.inspect_dicom:inspect_dicom",
    ZIP: "bot.inspect_zip:inspect_zip",
    WORD: "bot.inspect_word:inspect_word",
}


def look_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[Found, list[bytes]]:
    """The look as a workshop's task: `mime`, `tries` and `form` are given."""
    return inspect(files[0], given["mime"], given["tries"], given.get("form", "page")), []


def look_far_task(given: dict[str, Any], file: BinaryIO) -> tuple[Found, list[bytes]]:
    """The same at a file too big to be handed over, of which pieces are read; `mime` is given."""
    return _by_kind(file, given["mime"]), []


def inspect(data: bytes, mime: str, tries_before: int, form: sight.Form = "page") -> Found:
    """Look at the bytes of a file; never raises on a broken one.

    `form` says of what a photo should be: a page, a film or a lesion.
    """
    if mime in PHOTOS:
        return inspect_photo(io.BytesIO(data), tries_before, form)
    return _by_kind(io.BytesIO(data), mime)


def _by_kind(file: BinaryIO, mime: str) -> Found:
    if mime not in LOOKS:
        return Found("refused", "wrong_type")
    found: Found = resolve_name(LOOKS[mime])(file)
    return found
