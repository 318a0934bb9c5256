"""A Word file as a PDF, so that it is read, bound and opened like any other paper."""

import io
import logging

import mammoth
from fpdf import FPDF

from bot.review import letters
from bot.review.fonts import FONTS

SIZE, TABLE = 11, '<table border="1">'


def as_pdf(data: bytes) -> bytes:
    """Its words, tables and pictures, in their order; empty where they cannot be had."""
    try:
        html = mammoth.convert_to_html(io.BytesIO(data)).value
        return _printed(html.replace("<table>", TABLE)) if html.strip() else b""
    except Exception as error:
        # Two libraries, and whatever a stranger's file makes them stumble over.
        logging.getLogger(__name__).warning("a Word file was not read: %s", type(error).__name__)
        return b""


def _printed(html: str) -> bytes:
    pdf = FPDF()
    letters.begin(pdf)
    # There are no slanted letters of all scripts.
    for style, file in (("I", "Regular"), ("BI", "Bold")):
        pdf.add_font(letters.BODY, style, FONTS / f"{letters.BODY}-{file}.ttf")
    pdf.set_font(letters.BODY, "", SIZE)
    pdf.write_html(html, font_family=letters.BODY)
    return bytes(pdf.output())
