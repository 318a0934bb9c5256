"""The letters of all our scripts, and the inks, for PDFs that we write ourselves."""

from datetime import UTC, datetime
from importlib.util import find_spec

from fpdf import FPDF

from bot.review.fonts import FONTS

BODY = "NotoSans"
# Millimetres from line to line for a point of size.
LEADING = 0.55
Ink = tuple[int, int, int]
INK, QUIET, ACCENT, WARM = (28, 38, 48), (86, 99, 112), (13, 92, 99), (163, 58, 0)
# Any fixed day: the same content must give the same bytes.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def load(pdf: FPDF) -> None:
    """Give a PDF our letters; other scripts than Latin are taken where a text needs them."""
    pdf.add_font(BODY, "", FONTS / "NotoSans-Regular.ttf")
    pdf.add_font(BODY, "B", FONTS / "NotoSans-Bold.ttf")
    scripts = sorted(
        path for path in FONTS.glob("NotoSans*-Regular.ttf") if path.stem != f"{BODY}-Regular"
    )
    for path in scripts:
        pdf.add_font(path.stem, "", path)
    pdf.set_fallback_fonts([path.stem for path in scripts], exact_match=False)
    # Indic letters join and change places; without the shaper they stand in a row.
    if find_spec("uharfbuzz"):
        pdf.set_font(BODY, "", 11)
        pdf.set_text_shaping(True)


def begin(pdf: FPDF) -> None:
    """Letters, margins, no day of its own, and the first page."""
    pdf.set_creation_date(ALWAYS)
    pdf.set_margins(18, 14, 18)
    pdf.set_auto_page_break(True, 16)
    load(pdf)
    pdf.add_page()


def write(pdf: FPDF, words: str, size: float, ink: Ink, style: str = "") -> None:
    """A paragraph over the whole width."""
    pdf.set_font(BODY, style, size)
    pdf.set_text_color(*ink)
    pdf.multi_cell(0, size * LEADING, words, align="L", new_x="LMARGIN", new_y="NEXT")
