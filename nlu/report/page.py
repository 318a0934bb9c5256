"""What a machine read on the pages of one document, and where it stands on them."""

from msgspec import Struct

Box = tuple[float, float, float, float]


class Line(Struct, frozen=True):
    """One line of print: `box` is left, top, right, bottom as shares of the upright page."""

    text: str
    box: Box
    sure: float = 1.0


class PageText(Struct, frozen=True):
    """One page; `turn` is by how many degrees clockwise it was turned to be upright.

    `width` and `height` are in pixels of the upright picture that was read; `slope` is by how many
    pixels its lines sink for each pixel to the right, as photos are seldom held straight.
    """

    lines: tuple[Line, ...] = ()
    turn: int = 0
    engine: str = ""
    width: int = 0
    height: int = 0
    slope: float = 0.0


class Text(Struct, frozen=True):
    """All pages of a document that were read."""

    pages: tuple[PageText, ...] = ()
