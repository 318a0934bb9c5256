"""Words that a machine read on pages of a PDF that have none of their own."""

from collections.abc import Sequence

import pypdfium2
from pikepdf import Dictionary, Name, Page, Pdf

from bot.review.binding import hidden
from bot.review.binding.leaf import Fonts
from nlu.report.page import PageText

NAME = Name.SaathiUnseen
# From the upright page to the page as it is stored, by its own /Rotate.
UPRIGHT = {
    0: "1 0 0 1 {x} {y}",
    90: "0 1 -1 0 {end} {y}",
    180: "-1 0 0 -1 {end} {top}",
    270: "0 -1 1 0 {x} {top}",
}


def add_words(pdf: Pdf, fonts: Fonts, first: int, data: bytes, read: Sequence[PageText]) -> None:
    """Lay what was read over the pages from `first` on; `data` is the PDF they came from."""
    if not any(page.lines for page in read):
        return
    silent = _silent(data)
    for number, page in enumerate(read):
        if number in silent and page.lines:
            _lay(pdf, fonts, pdf.pages[first + number], page)


def _silent(data: bytes) -> set[int]:
    """The pages from which no text can be copied."""
    pdf = pypdfium2.PdfDocument(data)
    try:
        return {n for n, page in enumerate(pdf) if not page.get_textpage().count_chars()}
    finally:
        pdf.close()


def _lay(pdf: Pdf, fonts: Fonts, page: Page, read: PageText) -> None:
    left, bottom, right, top = map(float, page.cropbox)
    turn = int(page.obj.get("/Rotate", 0)) % 360
    # A page that was scanned lying: its picture was turned before it was read.
    whole = (turn + read.turn) % 360
    wide, high = right - left, top - bottom
    size = (wide, high) if whole % 180 == 0 else (high, wide)
    words = hidden.layer(read.lines, (0.0, 0.0, *size), "/SaathiUnseen")
    if whole not in UPRIGHT or not words:
        return
    matrix = UPRIGHT[whole].format(x=left, y=bottom, end=right, top=top)
    if "/Resources" not in page.obj:
        page.obj.Resources = Dictionary()
    page.add_resource(fonts.unseen, Name.Font, NAME, replace_existing=True)
    # Whatever state the page's own drawing leaves behind must not move our words.
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"Q q {matrix} cm\n".encode() + words + b"Q\n")
