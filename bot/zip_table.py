"""The table of a ZIP, read only when it is of a bearable size and nothing in it is a trap."""

import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

MB = 1024 * 1024
MOST_ENTRIES, MOST_TABLE = 30_000, 16 * MB
MOST_UNPACKED, MOST_RATIO, SMALL = 4096 * MB, 150, 64 * MB
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LONGEST_END = 65_535 + 22
ENCRYPTED = 0x1 | 0x40 | 0x2000


class Trap(Exception):
    """A ZIP that is not opened; the text is the reason, as in `DocumentKept`."""


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The ZIP; raises Trap (unreadable, empty, locked, too_big, wrong_type)."""
    if _table_size(file) > MOST_TABLE:
        raise Trap("too_big")
    try:
        box = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        raise Trap("unreadable") from None
    if reason := _trap(box.infolist(), file.seek(0, 2)):
        raise Trap(reason)
    return box


def _trap(entries: Sequence[zipfile.ZipInfo], size: int) -> str:
    if not entries:
        return "empty"
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        return "locked"
    if any(map(_escapes, entries)):
        return "wrong_type"
    unpacked, packed = (sum(getattr(e, name) for e in entries) for name in SIZES)
    folded = unpacked > SMALL and unpacked > MOST_RATIO * size
    # More packed bytes than the file has: entries that lie upon each other.
    too_big = len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or folded or packed > size
    return "too_big" if too_big else ""


SIZES = ("file_size", "compress_size")


def _escapes(entry: zipfile.ZipInfo) -> bool:
    """Whether it would be written outside of its folder, or is a link to somewhere."""
    name = entry.orig_filename
    paths = PurePosixPath(name), PureWindowsPath(name)
    outside = any(path.is_absolute() or ".." in path.parts for path in paths)
    drive = bool(paths[1].drive)
    return outside or drive or "\0" in name or stat.S_ISLNK(entry.external_attr >> 16)


def _table_size(file: BinaryIO) -> int:
    """How long the table says it is; 0 where it has no end (the reader finds that out)."""
    size = file.seek(0, 2)
    start = file.seek(max(0, size - LONGEST_END - 20))
    tail = file.read(LONGEST_END + 20)
    end = tail.rfind(END)
    if end < 0 or len(tail) < end + 22:
        return 0
    said: int = struct.unpack_from("<L", tail, end + 12)[0]
    if said != 0xFFFFFFFF and tail[end - 20 : end - 16] != LOCATOR_64:
        return said
    return max(said % 0xFFFFFFFF, _table_size_64(file, tail, end, start))


def _table_size_64(file: BinaryIO, tail: bytes, end: int, start: int) -> int:
    # The reader looks right before the locator, whatever the locator says.
    file.seek(max(0, start + end - 20 - 56))
    record = file.read(56)
    found: int = struct.unpack_from("<Q", record, 40)[0] if record.startswith(END_64) else 0
    return found
