"""The first pages of a dossier: what is in it, from when, how readable, on which page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fpdf import FPDF

from bot.review import letters
from bot.review.letters import ACCENT, INK, QUIET, WARM, Ink, write
from nlu.report.page import Box

POINTS = 72 / 25.4
WIDTHS = (64.0, 28.0, 18.0, 14.0, 50.0)
HEADS = ("Document", "Date on it", "Pages", "Page", "Remarks")


@dataclass(frozen=True)
class Row:
    """One paper: its page in the dossier, counted from its first document (None: not bound)."""

    label: str
    dated: str
    pages: int
    at: int | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """The finished pages; `links` are (page, place in points, row) from the page's bottom left."""

    pdf: bytes
    pages: int
    links: tuple[tuple[int, Box, int], ...]


def index(number: str, rows: Sequence[Row], missing: Sequence[str], about: str) -> Index:
    """Written twice: only then is it known how many pages it takes itself."""
    first = _written(number, rows, missing, about, 0)
    return _written(number, rows, missing, about, first.pages)


def _written(
    number: str, rows: Sequence[Row], missing: Sequence[str], about: str, before: int
) -> Index:
    pdf = FPDF(format="A4")
    letters.begin(pdf)
    write(pdf, f"Case {number}: documents", 18, ACCENT, "B")
    write(pdf, about, 9.5, QUIET)
    pdf.ln(4)
    _cells(pdf, HEADS, QUIET, "B")
    links = [(*_row(pdf, row, before), place) for place, row in enumerate(rows)]
    if missing:
        pdf.ln(4)
        write(pdf, "Not available", 12, ACCENT, "B")
        for one in missing:
            write(pdf, one, 10, INK)
    pages = pdf.page_no()
    return Index(bytes(pdf.output()), pages, tuple(links))


def _row(pdf: FPDF, row: Row, before: int) -> tuple[int, Box]:
    at = "-" if row.at is None else str(before + row.at + 1)
    words = (row.label, row.dated or "-", str(row.pages or "-"), at, "; ".join(row.notes))
    return _cells(pdf, words, INK)


def _cells(pdf: FPDF, words: Sequence[str], ink: Ink, style: str = "") -> tuple[int, Box]:
    """A line of the table; where it stands."""
    pdf.set_font(letters.BODY, style, 10)
    # The remarks are the only column that may need more lines.
    tall = 5.2 * max(_lines(pdf, word, width) for word, width in zip(words, WIDTHS, strict=True))
    if pdf.get_y() + tall > pdf.page_break_trigger:
        pdf.add_page()
    top = pdf.get_y()
    for place, (word, width) in enumerate(zip(words, WIDTHS, strict=True)):
        pdf.set_text_color(*(WARM if place == len(WIDTHS) - 1 and not style else ink))
        pdf.set_xy(pdf.l_margin + sum(WIDTHS[:place]), top)
        pdf.multi_cell(width, 5.2, word, align="L")
    pdf.set_draw_color(221, 227, 232)
    pdf.line(pdf.l_margin, top + tall + 0.8, pdf.w - pdf.r_margin, top + tall + 0.8)
    pdf.set_xy(pdf.l_margin, top + tall + 1.6)
    box = (pdf.l_margin, pdf.h - top - tall - 0.8, pdf.w - pdf.r_margin, pdf.h - top + 0.8)
    left, bottom, right, upper = (value * POINTS for value in box)
    return pdf.page_no() - 1, (left, bottom, right, upper)


def _lines(pdf: Any, word: str, width: float) -> int:
    return len(pdf.multi_cell(width, 5.2, word, dry_run=True, output="LINES"))
