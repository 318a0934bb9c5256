"""The letters of all our scripts for PDFs that we write ourselves."""

from importlib.util import find_spec
from pathlib import Path

from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
BODY = "NotoSans"


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
