"""A plain A4 document in every script that our families write."""

from datetime import datetime

from fpdf import FPDF

from bot.review.letters import ACCENT, INK, QUIET, load, write


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
        write(self._pdf, title, 22, ACCENT, "B")
        write(self._pdf, f"{about}  \u2022  {now:%d %B %Y}", 10, QUIET)

    def note(self, text: str) -> None:
        """A quiet line."""
        write(self._pdf, text, 9, QUIET)

    def section(self, title: str, text: str) -> None:
        """A title and its text, which may be in any of our scripts."""
        self._pdf.ln(4)
        write(self._pdf, title, 12.5, ACCENT, "B")
        write(self._pdf, text, 11, INK)

    def bytes(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())
