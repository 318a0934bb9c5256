"""Pictures that are broken, lie about themselves, or are something else too."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

import pillow_heif
from PIL import Image

from tests.files import photo

JPEG = photo("Hostile")
# A name, what makes it, and the reason of a refusal; `taken`: none, `either`: both are right.
Case = tuple[str, Callable[[], bytes], str]


@cache
def saved(kind: str, **more: bytes) -> bytes:
    """The same page in another format."""
    pillow_heif.register_heif_opener()
    kept = io.BytesIO()
    Image.open(io.BytesIO(JPEG)).save(kept, kind, **more)
    return kept.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG, rightly summed."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    """A PNG of this size, whatever its pixels are."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = (
        chunk(b"IHDR", head),
        *chunks,
        chunk(b"IDAT", zlib.compress(pixels)),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def sized(width: int, height: int) -> bytes:
    """The JPEG with another size written in its frame header."""
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :]


def exif(data: bytes) -> bytes:
    """The JPEG with these bytes as its Exif."""
    return saved("JPEG", exif=b"Exif\x00\x00" + data)


def half(kind: str) -> bytes:
    """The page, cut in half."""
    whole = saved(kind)
    return whole[: len(whole) // 2]


def comment(size: int) -> bytes:
    """A PNG whose comment unfolds into so many bytes."""
    packed = zlib.compress(bytes(size))
    return png(1130, 1600, chunk(b"zTXt", b"Comment\x00\x00" + packed))


def wrong_sum() -> bytes:
    """A PNG with one byte changed."""
    whole = saved("PNG")
    return whole[:50] + bytes([whole[50] ^ 1]) + whole[51:]


# An Exif directory whose orientation is 65,535 and whose next directory is itself.
LOOP = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x112, 3, 1, 0xFFFF, 8)

CASES: list[Case] = [
    ("jpeg cut in half", lambda: half("JPEG"), "unreadable"),
    ("jpeg of three bytes", lambda: JPEG[:3], "unreadable"),
    ("jpeg of no width", lambda: sized(0, 1600), "unreadable"),
    ("jpeg of 4,000 megapixels", lambda: sized(65_500, 65_500), "too_big"),
    ("jpeg of 150 megapixels", lambda: sized(15_000, 10_000), "too_big"),
    ("jpeg and a zip", lambda: JPEG + b"PK\x03\x04" + bytes(200), "taken"),
    ("jpeg and a page of script", lambda: JPEG + b"<script>alert(1)</script>", "taken"),
    ("jpeg and a program", lambda: JPEG + b"\x7fELF" + bytes(500), "taken"),
    ("jpeg with an orientation of 65,535", lambda: exif(LOOP), "taken"),
    ("jpeg with exif of noise", lambda: exif(bytes(range(256)) * 20), "taken"),
    ("png of 400 megapixels", lambda: png(20_000, 20_000, pixels=bytes(50_020_000)), "too_big"),
    ("png of two thousand million rows", lambda: png(1, 2**31 - 1), "too_big"),
    ("png with 100 MB of comment", lambda: comment(100_000_000), "unreadable"),
    ("png with a wrong sum", wrong_sum, "unreadable"),
    ("png cut in half", lambda: half("PNG"), "unreadable"),
    ("png without pixels", lambda: png(1130, 1600), "unreadable"),
    ("png and a pdf", lambda: saved("PNG") + b"%PDF-1.7\n", "taken"),
    ("webp cut in half", lambda: half("WEBP"), "unreadable"),
    ("webp of its head", lambda: b"RIFF\xff\xff\xff\xffWEBP", "unreadable"),
    ("heic cut in half", lambda: half("HEIF"), "unreadable"),
    ("heic of its head", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unreadable"),
    ("heic with an endless box", lambda: b"\xff\xff\xff\xffftypheic" + bytes(900), "unreadable"),
    ("a picture that moves", lambda: saved("GIF"), "wrong_type"),
    ("tiff that points at itself", lambda: LOOP, "wrong_type"),
]
