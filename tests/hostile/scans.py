"""Scan pictures and CDs that lie about their lengths, unfold, or hold themselves."""

import random
import struct
import zipfile
import zlib

from pydicom.uid import DeflatedExplicitVRLittleEndian

from tests.hostile.pictures import Case
from tests.scans import cd, dataset, directory, scan, written, zipped


def deflated(size: int) -> bytes:
    """A deflated DICOM of that many zeros."""
    made = dataset()
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    whole = written(made)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = 132 + 12 + struct.unpack_from("<L", whole, 140)[0]
    return whole[:start] + packer.compress(bytes(size)) + packer.flush()


def element(tag: tuple[int, int], kind: bytes, length: int, data: bytes = b"") -> bytes:
    """A raw element with a length that may lie."""
    return struct.pack("<HH2sHL", *tag, kind, 0, length) + data


def behind_the_tags(extra: bytes) -> bytes:
    """A picture with raw bytes before its pixels."""
    whole = scan()
    at = whole.index(struct.pack("<HH", 0x7FE0, 0x0010))
    return whole[:at] + extra


def endless_element() -> bytes:
    """A picture with an element that is said to have 4 GB."""
    return behind_the_tags(element((0x0040, 1), b"OB", 0xFFFFFFF0))


def nested(depth: int) -> bytes:
    """Sequences within sequences, none of which ends."""
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return (element((0x0040, 0xA730), b"SQ", 0xFFFFFFFF) + item) * depth


def noise(seed: int) -> bytes:
    """A picture with some hundred bytes changed by chance."""
    chance, data = random.Random(seed), bytearray(scan())
    for _ in range(300):
        data[chance.randrange(132, len(data))] = chance.randrange(256)
    return bytes(data)


def renamed(old: bytes, new: bytes) -> bytes:
    """A CD in whose table one name is another than before the file."""
    data = cd()
    at = data.rindex(old)
    return data[:at] + new + data[at + len(old) :]


def bomb_inside() -> bytes:
    """A CD with a picture that unfolds."""
    return zipped({"IM1": deflated(50_000_000)}, zipfile.ZIP_STORED)


def damaged() -> bytes:
    """A CD whose every picture is damaged."""
    data = bytearray(cd(table=False))
    for at in range(100, data.index(b"PK\x01\x02"), 7):
        data[at] ^= 0x55
    return bytes(data)


def endless_table() -> bytes:
    """A ZIP64 whose table is said to be of many thousand million bytes."""
    data = zipped({"a": b"b"})
    end = data.index(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 2**40, 40)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return data[:end] + record + locator + data[end : end + 12] + b"\xff" * 8 + b"\0\0"


NAMES = [str(number) for number in range(40_000)]

DICOMS: list[Case] = [
    ("dicom of its mark only", lambda: bytes(128) + b"DICM", "unreadable"),
    ("dicom that unfolds", lambda: deflated(1_000_000_000), "taken"),
    ("dicom with an element of 4 GB", endless_element, "either"),
    ("dicom that never ends its sequences", lambda: behind_the_tags(nested(5_000)), "either"),
    ("dicom directory alone", lambda: directory([dataset()]), "empty"),
    ("dicom of a million frames", lambda: scan(NumberOfFrames="999999999999"), "taken"),
    ("dicom without tags", lambda: scan()[:144] + bytes(200), "unreadable"),
    *((f"dicom with noise {n}", lambda n=n: noise(n), "either") for n in range(8)),
]  # fmt: skip
ZIPS: list[Case] = [
    ("zip with a name that climbs", lambda: zipped({"CD/../../../etc/x": scan()}), "wrong_type"),
    ("zip with an endless table", endless_table, "too_big"),
    ("zip of damaged pictures", damaged, "either"),
    ("zip with two names for one", lambda: renamed(b"IM00003", b"IM99993"), "taken"),
    ("zip of zips", lambda: zipped({f"{n}.zip": cd() for n in range(3)}), "wrong_type"),
    ("zip with a deflated bomb inside", bomb_inside, "either"),
    ("zip of forty thousand nothings", lambda: zipped(dict.fromkeys(NAMES, b"")), "too_big"),
]  # fmt: skip
