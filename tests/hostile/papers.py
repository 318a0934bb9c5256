"""PDFs that loop, unfold or run something, and files that are no papers at all."""

import gzip
import io
import zipfile
import zlib

from pypdf import PdfWriter
from pypdf.actions import JavaScript

from tests.files import report_pdf
from tests.hostile.pictures import Case

PDF = report_pdf("Hostile")
# Put together here: a scanner that watches the repository would take it for the real one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def locked(password: str, owner: str = "owner") -> bytes:
    """A PDF that opens with a password only."""
    writer, kept = PdfWriter(io.BytesIO(PDF)), io.BytesIO()
    writer.encrypt(password, owner, algorithm="AES-256")
    writer.write(kept)
    return kept.getvalue()


def acting(script: str) -> bytes:
    """A PDF that wants to run a script when it is opened."""
    writer, kept = PdfWriter(io.BytesIO(PDF)), io.BytesIO()
    writer.add_open_action(JavaScript(script))
    writer.add_attachment("run.exe", b"MZ" + bytes(100))
    writer.write(kept)
    return kept.getvalue()


def pdf(*objects: str, trailer: str = "", root: int = 1) -> bytes:
    """A PDF of these objects, with a right table of them."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    xref = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<</Size {size}/Root {root} 0 R{trailer}>>\nstartxref\n{len(out)}\n%%EOF"
    return out + (xref + tail).encode()


def zipped(name: str, data: bytes) -> bytes:
    """A ZIP of one file."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, data)
    return kept.getvalue()


CATALOG = "<</Type/Catalog/Pages 2 0 R>>"


def stream(data: bytes, more: str = "") -> str:
    """A compressed stream."""
    packed = zlib.compress(data, 9).decode("latin-1")
    return f"<</Length {len(packed)}/Filter/FlateDecode{more}>>stream\n{packed}\nendstream"


PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
ONE = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
MILLIONS = ONE.replace("Count 1", "Count 1000000000")
ITSELF = "<</Type/Pages/Kids[2 0 R]/Count 1>>"
MANY = f"<</Type/Pages/Kids[{'3 0 R ' * 50_000}]/Count 50000>>"
LAUGHS = b"<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;&c;</a>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"


def unfolding() -> bytes:
    """A PDF with an object stream of 300 MB."""
    return pdf(CATALOG, ONE, PAGE, stream(bytes(300_000_000), "/Type/ObjStm/N 9/First 9"))


PDFS: list[Case] = [
    ("pdf of its first line", lambda: b"%PDF-1.7\n", "unreadable"),
    ("pdf cut in half", lambda: PDF[: len(PDF) // 2], "either"),
    ("pdf with a password", lambda: locked("secret"), "encrypted"),
    ("pdf locked for its owner only", lambda: locked(""), "taken"),
    ("pdf that wants to run", lambda: acting("app.launchURL('http://127.0.0.1')"), "taken"),
    ("pdf whose pages hold themselves", lambda: pdf(CATALOG, ITSELF), "either"),
    ("pdf of a thousand million pages", lambda: pdf(CATALOG, MILLIONS, PAGE), "either"),
    ("pdf of no page", lambda: pdf(CATALOG, "<</Type/Pages/Kids[]/Count 0>>"), "empty"),
    ("pdf whose table leads back", lambda: pdf(CATALOG, ONE, PAGE, trailer="/Prev 9"), "either"),
    ("pdf without a root", lambda: pdf(CATALOG, ONE, PAGE, root=9), "either"),
    ("pdf of a hundred thousand brackets", lambda: pdf(CATALOG, "[" * 100_000), "either"),
    ("pdf with one page fifty thousand times", lambda: pdf(CATALOG, MANY, PAGE), "too_big"),
    ("pdf that unfolds", unfolding, "either"),
    ("pdf behind a scanner's words", lambda: b"scanned by nobody\n" + PDF, "taken"),
    ("pdf behind a gif", lambda: b"GIF89a%PDF-1.7" + PDF, "wrong_type"),
]  # fmt: skip

# Files that are no papers.
OTHERS: list[Case] = [
    ("zip that climbs out", lambda: zipped("../../etc/passwd", b"root"), "wrong_type"),
    ("zip that unfolds", lambda: zipped("a", bytes(100_000_000)), "too_big"),
    ("gzip that unfolds", lambda: gzip.compress(bytes(50_000_000)), "wrong_type"),
    ("word file that unfolds", lambda: zipped("word/document.xml", bytes(50_000_000)), "taken"),
    ("xml that laughs", lambda: LAUGHS, "wrong_type"),
    ("svg that reads a file", lambda: SVG, "wrong_type"),
    ("page of script", lambda: b"<html><script>alert(1)</script></html>", "wrong_type"),
    ("shell script", lambda: b"#!/bin/sh\nexit 1\n", "wrong_type"),
    ("program for Linux", lambda: b"\x7fELF\x02\x01\x01" + bytes(2_000), "wrong_type"),
    ("program for Windows", lambda: b"MZ\x90\x00" + bytes(2_000), "wrong_type"),
    ("test virus", lambda: EICAR, "wrong_type"),
    ("nothing", lambda: b"", "wrong_type"),
    ("a million zeros", lambda: bytes(1_000_000), "wrong_type"),
    ("text in UTF-16", lambda: "मेरी रिपोर्ट".encode("utf-16"), "wrong_type"),
    ("dicom cut short", lambda: bytes(128) + b"DICM" + b"\x02\x00", "unreadable"),
]
