"""The machine-read values on paper: each with the strip of the page that it came from."""

from collections.abc import Sequence
from io import BytesIO

from fpdf import FPDF
from PIL import Image

from bot.review import letters
from bot.review.binding.clean import opened, saved
from bot.review.binding.sheet import day
from bot.review.binding.values import ABOUT, NOTICE, Group, Value, differing
from bot.review.letters import ACCENT, INK, QUIET, WARM, write


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
    if pdf.will_page_break(30):
        pdf.add_page()
    write(pdf, group.title, 13, ACCENT, "B")
    write(pdf, NOTICE, 9, WARM)
    seen: set[bytes] = set()
    for value in group.values:
        strip = strips[value.strip] if value.strip >= 0 else b""
        # Two values of one line: its strip stands above already.
        _value(pdf, value, b"" if strip in seen else strip)
        seen.add(strip)


def _value(pdf: FPDF, value: Value, strip: bytes) -> None:
    high = _high(pdf, strip)
    if pdf.will_page_break(high + 14):
        pdf.add_page()
    pdf.ln(2)
    write(pdf, f"{value.name}: {value.printed}", 11, INK, "B")
    write(pdf, f"{_where(value)}; read: {value.fact.line or value.printed}", 9, QUIET)
    if strip:
        pdf.image(BytesIO(strip), x=pdf.l_margin, w=pdf.epw, h=high)
        pdf.ln(1)


def _where(value: Value) -> str:
    dated = f" of {day(value.dated)}" if value.dated else ""
    return f"{value.label}{dated}, {value.place}"


def _high(pdf: FPDF, strip: bytes) -> float:
    if not strip:
        return 0.0
    with Image.open(BytesIO(strip)) as image:
        return float(pdf.epw * image.height / image.width)
