"""A CD as a ZIP tells what is on it; what is a trap is not opened."""

import io
import struct
import zipfile

import pytest

from bot.found import Found
from bot.inspect_zip import inspect_zip
from bot.scan_preview import from_zip
from tests.files import photo, report_pdf
from tests.scans import cd, scan, zipped


def found(data: bytes) -> Found:
    return inspect_zip(io.BytesIO(data))


@pytest.mark.parametrize("table", [True, False])
def test_a_cd_tells_what_is_on_it(table: bool) -> None:
    told = found(cd(6, table=table))
    assert told.verdict == "ok"
    about = dict(told.about)
    assert about.pop("images") == "6"
    assert about == {
        "modality": "CT", "part": "ABDOMEN", "study": "Fictional study", "studied": "2026-11-20",
        "study_id": "1.2.826.0.1.3680043.8.498.1", "patient": "FICTIONAL SUNITA",
        "born": "1961-03-05", "series": "2",
    }  # fmt: skip


def test_photos_and_pdfs_packed_together() -> None:
    files = {"1.jpg": photo("a"), "2.jpg": photo("b"), "c.pdf": report_pdf("c"), "n.txt": b"hello"}
    assert found(zipped(files)) == Found("ok", pages=3, about={"photos": "2", "pdfs": "1"})


def test_a_table_that_promises_what_was_left_out() -> None:
    files = dict(entries(cd(6)))
    kept = {name: data for name, data in files.items() if not name.endswith(("1", "2", "3", "4"))}
    assert found(zipped(kept)).about["images"] == "2"


def entries(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        return [(each.filename, box.read(each)) for each in box.infolist()]


def test_more_pictures_than_are_looked_at() -> None:
    picture = scan()
    many = {f"IM{n:04}": picture for n in range(1000)}
    assert found(zipped(many)).about["images"] == "1000"


def link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as box:
        entry = zipfile.ZipInfo("report.pdf")
        entry.external_attr = 0o120777 << 16
        box.writestr(entry, "/etc/passwd")
    return made.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped({"IM1": scan()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", data, at)[0] | 1)
    return bytes(data)


def upon_each_other(times: int = 50) -> bytes:
    """Many entries in the table that all lead to the same bytes."""
    data = zipped({"a": photo("a")}, zipfile.ZIP_STORED)
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    table = data[start:end] * times
    tail = bytearray(data[end:])
    struct.pack_into("<HHL", tail, 8, times, times, len(table))
    return data[:start] + table + bytes(tail)


def long_table() -> bytes:
    data = bytearray(zipped({"a": b"b"}))
    struct.pack_into("<L", data, data.index(b"PK\x05\x06") + 12, 900_000_000)
    return bytes(data)


TRAPS = [
    pytest.param(lambda: zipped({"../../x.pdf": report_pdf("x")}), "wrong_type", id="climbs out"),
    pytest.param(lambda: zipped({"/etc/x.pdf": report_pdf("x")}), "wrong_type", id="absolute"),
    pytest.param(lambda: zipped({"C:\\x.pdf": report_pdf("x")}), "wrong_type", id="a drive"),
    pytest.param(lambda: zipped({"a\\..\\x.pdf": b"%PDF-"}), "wrong_type", id="backslashes"),
    pytest.param(link, "wrong_type", id="a link"),
    pytest.param(encrypted, "locked", id="encrypted"),
    pytest.param(upon_each_other, "too_big", id="entries upon each other"),
    pytest.param(long_table, "too_big", id="a table of 900 MB"),
    pytest.param(lambda: zipped({"a": bytes(100_000_000)}), "too_big", id="unfolds"),
    pytest.param(lambda: zipped({f"{n}": b"" for n in range(30_001)}), "too_big", id="too many"),
    pytest.param(lambda: zipped({"in.zip": cd()}), "wrong_type", id="a ZIP within"),
    pytest.param(lambda: zipped({"viewer.exe": b"MZ"}), "wrong_type", id="a program"),
    pytest.param(lambda: zipped({}), "empty", id="nothing"),
    pytest.param(lambda: cd()[:-40], "unreadable", id="cut off"),
    pytest.param(lambda: cd()[: len(cd()) // 2], "unreadable", id="cut in half"),
    pytest.param(lambda: b"PK\x03\x04" + bytes(500), "unreadable", id="not a ZIP at all"),
]


@pytest.mark.parametrize(("make", "reason"), TRAPS)
def test_a_trap_is_not_opened(make: object, reason: str) -> None:
    assert callable(make)
    assert found(make()) == Found("refused", reason)


def test_a_picture_of_a_cd() -> None:
    assert from_zip(io.BytesIO(cd())).startswith(b"\xff\xd8\xff")
    assert from_zip(io.BytesIO(zipped({"a.txt": b"x" * 9000}))) == b""
