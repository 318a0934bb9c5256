"""The machine-read values on paper: each with the strip of the page that it came from."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from fpdf import FPDF
from PIL import Image

from bot.review import letters
from bot.review.binding.clean import opened, saved
from bot.review.binding.sheet import day
from bot.review.binding.values import ABOUT, NOTICE, Group, Value, differing
from bot.review.letters import ACCENT, INK, QUIET, WARM, write

SMALL = 9.0
# Millimetres for a group's title and notice, and for a value's heading with the gaps around it.
TITLE, HEADING = 14.0, 16.0


class _Marked(FPDF):
    """Says on top of every page what this is."""

    case = ""

    def header(self) -> None:
        """The mark of each page."""
        self.set_fill_color(255, 243, 196)
        self.set_text_color(*WARM)
        self.set_font(letters.BODY, "B", 11)
        words = f"{NOTICE.upper()}  \u2022  case {self.case}  \u2022  page {self.page_no()}"
        self.cell(0, 9, words, fill=True, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)


def summary(number: str, groups: Sequence[Group], strips: Sequence[bytes]) -> bytes:
    """The PDF; `strips` are JPEGs by their places. The same values give the same bytes."""
    pdf = _Marked(format="A4")
    pdf.case = number
    letters.begin(pdf)
    write(pdf, "Values read from the documents", 17, ACCENT, "B")
    write(pdf, ABOUT, 9.5, QUIET)
    if not groups:
        write(pdf, "No value that the machine knows was found.", 11, INK)
    if differ := differing(value for group in groups for value in group.values):
        _differing(pdf, differ)
    for group in groups:
        _group(pdf, group, strips)
    with opened(bytes(pdf.output())) as made:
        made.docinfo["/Title"] = f"Case {number}: {NOTICE}"
        return saved(made)


def _differing(pdf: FPDF, differ: dict[str, list[Value]]) -> None:
    pdf.ln(3)
    write(pdf, "With more than one value", 12.5, WARM, "B")
    for name, values in differ.items():
        write(pdf, name, 10.5, INK, "B")
        for value in values:
            write(pdf, f"{value.printed}  ({_where(value)})", 10, INK)


def _group(pdf: FPDF, group: Group, strips: Sequence[bytes]) -> None:
    pdf.ln(4)
    first = group.values[0]
    if pdf.will_page_break(TITLE + _room(pdf, first, _strip(first, strips))):
        pdf.add_page()
    write(pdf, group.title, 13, ACCENT, "B")
    write(pdf, NOTICE, 9, WARM)
    seen: set[bytes] = set()
    for value in group.values:
        strip = _strip(value, strips)
        # Two values of one line: its strip stands above already.
        _value(pdf, value, b"" if strip in seen else strip)
        seen.add(strip)


def _value(pdf: FPDF, value: Value, strip: bytes) -> None:
    if pdf.will_page_break(_room(pdf, value, strip)):
        pdf.add_page()
    pdf.ln(2)
    write(pdf, f"{value.name}: {value.printed}", 11, INK, "B")
    write(pdf, _read(value), SMALL, QUIET)
    if strip:
        pdf.image(BytesIO(strip), x=pdf.l_margin, w=pdf.epw, h=_high(pdf, strip))
        pdf.ln(1)


def _room(pdf: FPDF, value: Value, strip: bytes) -> float:
    """How high a value is with its strip, in mm; its heading may be of two lines."""
    pdf.set_font(letters.BODY, "", SMALL)
    lines: Any = pdf.multi_cell(0, 1, _read(value), align="L", dry_run=True, output="HEIGHT")
    return HEADING + float(lines) * SMALL * letters.LEADING + _high(pdf, strip)


def _read(value: Value) -> str:
    return f"{_where(value)}; read: {value.fact.line or value.printed}"


def _strip(value: Value, strips: Sequence[bytes]) -> bytes:
    return strips[value.strip] if value.strip >= 0 else b""


def _where(value: Value) -> str:
    dated = f" of {day(value.dated)}" if value.dated else ""
    return f"{value.label}{dated}, {value.place}"


def _high(pdf: FPDF, strip: bytes) -> float:
    if not strip:
        return 0.0
    with Image.open(BytesIO(strip)) as image:
        return float(pdf.epw * image.height / image.width)
