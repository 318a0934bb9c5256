"""What every OCR engine does: a picture of one page in, its lines of print out."""

from typing import Protocol

from PIL import Image

from nlu.report.page import PageText


class Engine(Protocol):
    """Reads one page; finds out by itself how the page must be turned."""

    def read(self, image: Image.Image) -> PageText:
        """The lines of a page in RGB, 8 bits each; no lines where nothing is printed."""
        ...


def shares(left: float, top: float, right: float, bottom: float, width: float, height: float) -> (
    tuple[float, float, float, float]
):  # fmt: skip
    """A box in pixels as shares of its page, cut at the edges."""
    ends = (left / width, top / height, right / width, bottom / height)
    first, second, third, fourth = (round(min(max(end, 0.0), 1.0), 4) for end in ends)
    return first, second, third, fourth
