"""The look at a Word file: its table alone, no word of it."""

from typing import BinaryIO

from bot.found import Found
from bot.zip_table import Trap, opened

TEXT = "word/document.xml"


def inspect_word(file: BinaryIO) -> Found:
    """Whether it can be a Word file; never raises on a broken one."""
    try:
        with opened(file) as box:
            there = TEXT in box.namelist()
    except Trap as trap:
        return Found("refused", str(trap))
    return Found("ok") if there else Found("refused", "unreadable")
