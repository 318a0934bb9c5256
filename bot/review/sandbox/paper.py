"""A plain A4 document in every script that our families write."""

from datetime import datetime

from fpdf import FPDF

from bot.review.letters import BODY, load

INK = (28, 38, 48)
QUIET = (96, 108, 120)
ACCENT = (13, 92, 99)


class Paper:
    """Grows by sections; `bytes` is the finished PDF."""

    def __init__(self, title: str, about: str, now: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_creation_date(now)
        self._pdf.set_title(title)
        self._pdf.set_lang("en")
        self._pdf.set_margins(22, 20, 22)
        self._pdf.set_auto_page_break(True, 20)
        load(self._pdf)
        self._pdf.add_page()
        self._write(title, 22, "B", ACCENT)
        self._write(f"{about}  \u2022  {now:%d %B %Y}", 10, "", QUIET)

    def note(self, text: str) -> None:
        """A quiet line."""
        self._write(text, 9, "", QUIET)

    def section(self, title: str, text: str) -> None:
        """A title and its text, which may be in any of our scripts."""
        self._pdf.ln(4)
        self._write(title, 12.5, "B", ACCENT)
        self._write(text, 11, "", INK)

    def bytes(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())

    def _write(self, text: str, size: float, style: str, ink: tuple[int, int, int]) -> None:
        self._pdf.set_font(BODY, style, size)
        self._pdf.set_text_color(*ink)
        self._pdf.multi_cell(0, size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")
