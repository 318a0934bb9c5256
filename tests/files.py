"""The upload files of the fictional cases: report-like photos and PDFs, the same at every run."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import numpy as np
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFilter

from tests.reports import ANY, rows

MIMES = {".jpg": "image/jpeg", ".pdf": "application/pdf"}
# What the look at a photo must come to, and how the photo is made so.
SIZES = {"warn": (900, 640, 18), "ok": (1600, 1130, 30)}


def upload(row: dict[str, Any]) -> tuple[str, str, bytes]:
    """The name, MIME type and bytes of an upload of a case file."""
    name = str(row["file"])
    mime = MIMES[Path(name).suffix]
    if mime == "application/pdf":
        return name, mime, report_pdf(name)
    if row["result"] in ("retake", "accepted_with_flag"):
        return name, mime, blurred(name)
    return name, mime, photo(name, *SIZES[row["result"]])


@cache
def photo(title: str, height: int = 1600, width: int = 1130, size: int = 30) -> bytes:
    """A sharp photo of a printed page."""
    return _jpeg(_page(title, height, width, size))


@cache
def blurred(title: str) -> bytes:
    """A photo that nobody can read."""
    return _jpeg(_page(title, 1600, 1130, 30).filter(ImageFilter.GaussianBlur(6)))


@cache
def small(title: str) -> bytes:
    """A photo from far away: its letters are too small."""
    return _jpeg(_page(title, 420, 300, 7))


@cache
def on_a_table(title: str, *, soft: bool = False) -> bytes:
    """A page on a brown table, taken askew with the phone held lying; `soft`: out of focus."""
    page = _page(title, 1600, 1130, 30).rotate(90, expand=True)
    table = Image.new("RGB", (2000, 1500), (104, 72, 48))
    seen = page.transform(table.size, Image.Transform.PERSPECTIVE, _askew(page.size, table.size))
    whole = Image.new("L", page.size, 255)
    mask = whole.transform(table.size, Image.Transform.PERSPECTIVE, _askew(page.size, table.size))
    table.paste(seen, (0, 0), mask)
    return _jpeg(table.filter(ImageFilter.GaussianBlur(7)) if soft else table)


def _askew(page: tuple[int, int], table: tuple[int, int]) -> tuple[float, ...]:
    """The eight numbers by which Pillow finds each pixel of the table on the page."""
    shares = ((0.09, 0.12), (0.92, 0.08), (0.95, 0.9), (0.06, 0.93))
    there = [(x * table[0], y * table[1]) for x, y in shares]
    here = [(0, 0), (page[0], 0), page, (0, page[1])]
    rows = list[list[float]]()
    for (x, y), (u, v) in zip(there, here, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return tuple(np.linalg.solve(np.array(rows), np.array(here, float).reshape(-1)).tolist())


@cache
def report_pdf(title: str, pages: int = 2) -> bytes:
    """A report as a laboratory would send it."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 11, 24, tzinfo=UTC))
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("helvetica", "B", 16)
        pdf.cell(text=f"FICTIONAL REPORT: {title}, page {number} of {pages}", new_x="LMARGIN")
        pdf.ln(14)
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(0, 8, "\n".join((*(rows(title) if number == 1 else ()), *ANY * 2)))
    return bytes(pdf.output())


def _page(title: str, height: int, width: int, size: int) -> Image.Image:
    page = Image.new("RGB", (width, height), (248, 247, 242))
    pen, edge = ImageDraw.Draw(page), size * 2
    pen.text((edge, edge), f"FICTIONAL REPORT: {title}", fill=(20, 20, 30), font_size=size)
    lines = chain(rows(title), cycle(ANY))
    for line, y in zip(lines, range(edge * 2, height - edge * 2, int(size * 1.7)), strict=False):
        pen.text((edge, y), line, fill=(20, 20, 30), font_size=size)
    return page


def _jpeg(page: Image.Image) -> bytes:
    kept = BytesIO()
    page.save(kept, "JPEG", quality=85)
    return kept.getvalue()
