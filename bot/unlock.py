"""A PDF opened with a password: a copy that needs none."""

import io
from collections.abc import Sequence
from typing import Any

import pikepdf

from bot.found import Found
from bot.inspect_file import inspect


def unlock_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[Found, list[bytes]]:
    """What the opened PDF is, and its bytes; `refused`, `encrypted` where the word is wrong."""
    try:
        with pikepdf.open(io.BytesIO(files[0]), password=given["password"]) as pdf:
            opened = io.BytesIO()
            pdf.save(opened, encryption=False)
    except pikepdf.PasswordError:
        return Found("refused", "encrypted"), []
    except (pikepdf.PdfError, ValueError, OSError):
        return Found("refused", "unreadable"), []
    found = inspect(opened.getvalue(), "application/pdf", 0)
    return found, [opened.getvalue()] if found.verdict != "refused" else []
