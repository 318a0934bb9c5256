"""Fictional report pages as people send them: photos, blurred photos, PDFs."""

import io
from datetime import UTC, datetime

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.async_api import FilePayload

LINES = (
    "Received: fictional material, three parts, labelled A to C.",
    "Part A measures 1.4 x 0.9 x 0.6 cm and is firm and pale.",
    "Part B measures 0.8 x 0.5 x 0.4 cm. Part C: fragments.",
    "All of it was processed; sections were cut at three levels.",
    "The sections show what a made-up report would show.",
    "Margins, grade and stage are stated on the next page.",
    "Further stains were asked for and follow separately.",
    "Signed by Dr. Nobody, pathologist (fictional), no. 000.",
)


def photo(name: str, *, blurred: bool = False) -> FilePayload:
    """A photo of a printed page, sharp or blurred beyond reading."""
    page = Image.new("RGB", (1240, 1754), "#f6f2e8")
    draw = ImageDraw.Draw(page)
    draw.text((110, 120), "CITY LABORATORY (FICTIONAL)", fill="#22303c", font=_font(44))
    draw.text((110, 200), name, fill="#22303c", font=_font(30))
    for row in range(24):
        draw.text((110, 300 + row * 56), LINES[row % len(LINES)], fill="#22303c", font=_font(32))
    if blurred:
        page = page.filter(ImageFilter.GaussianBlur(9))
    kept = io.BytesIO()
    page.save(kept, "JPEG", quality=80)
    return {"name": name, "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def pdf(name: str, pages: int = 2) -> FilePayload:
    """A report of some pages."""
    paper = FPDF()
    paper.set_creation_date(datetime(2026, 11, 24, tzinfo=UTC))
    paper.set_font("helvetica", size=14)
    for page in range(1, pages + 1):
        paper.add_page()
        text = f"CITY LABORATORY (FICTIONAL)\n{name}, page {page}\n\n" + "\n".join(LINES)
        paper.multi_cell(0, 9, text)
    return {"name": name, "mimeType": "application/pdf", "buffer": bytes(paper.output())}


def paper(name: str, form: str) -> FilePayload:
    """The paper of one row of a fictional case."""
    return pdf(name) if form == "pdf" else photo(name)


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
