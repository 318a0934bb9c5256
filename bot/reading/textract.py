"""Amazon Textract: reads Latin letters and handwriting; the page leaves the machine."""

import io
import logging
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from PIL import Image

from bot.reading.engine import shares
from bot.reading.turn import turned
from bot.speaking import TROUBLE, amazon, reason
from nlu.report.page import Line, PageText

log = logging.getLogger(__name__)

# Textract takes 10 MB and finds nothing more in larger pictures.
SIDE, QUALITY = 3000, 85


class NotRead(Exception):
    """The service gave no answer; a page can be tried again."""


class Textract:
    """One call of DetectDocumentText a page, by a client of boto3."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def read(self, image: Image.Image) -> PageText:
        """Its lines of print; raises NotRead where Amazon gives none."""
        try:
            told = self._client.detect_document_text(Document={"Bytes": _packed(image)})
        except TROUBLE as error:
            log.warning("a page was not read: %s", reason(error))
            raise NotRead from None
        return _page(told["Blocks"], image)


def open_textract(region: str = "") -> Textract:
    """Textract by the usual AWS settings."""
    return Textract(amazon("textract", region))


def _packed(image: Image.Image) -> bytes:
    smaller = image.convert("RGB")
    smaller.thumbnail((SIDE, SIDE))
    packed = io.BytesIO()
    smaller.save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def _page(blocks: Sequence[Mapping[str, Any]], image: Image.Image) -> PageText:
    found = [block for block in blocks if block["BlockType"] == "LINE" and block.get("Text")]
    turn = _turn([_corners(block) for block in found])
    page = turned(image, turn)
    lines = tuple(_line(block, turn) for block in found)
    return PageText(lines, turn, "textract", page.width, page.height)


def _corners(block: Mapping[str, Any]) -> list[tuple[float, float]]:
    """The first is the upper left corner of the text as it is read, then clockwise."""
    return [(corner["X"], corner["Y"]) for corner in block["Geometry"]["Polygon"]]


def _turn(quads: Sequence[Sequence[tuple[float, float]]]) -> int:
    """By how much the page must be turned, from which way its lines run."""
    runs = [(quad[1][0] - quad[0][0], quad[1][1] - quad[0][1]) for quad in quads]
    if not runs:
        return 0
    across, down = median(run[0] for run in runs), median(run[1] for run in runs)
    if abs(across) >= abs(down):
        return 0 if across >= 0 else 180
    return 270 if down > 0 else 90


def _line(block: Mapping[str, Any], turn: int) -> Line:
    upright = [_upright(corner, turn) for corner in _corners(block)]
    across, down = zip(*upright, strict=True)
    box = shares(min(across), min(down), max(across), max(down), 1.0, 1.0)
    return Line(block["Text"], box, round(block["Confidence"] / 100, 3))


def _upright(corner: tuple[float, float], turn: int) -> tuple[float, float]:
    """Where a place of the picture stands once that is turned clockwise."""
    across, down = corner
    return {
        0: (across, down),
        90: (1 - down, across),
        180: (1 - across, 1 - down),
        270: (down, 1 - across),
    }[turn]
