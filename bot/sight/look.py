"""One look at one photograph: all that is measured, and what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from bot.sight import fault
from bot.sight.edges import edges_of
from bot.sight.ink import Ink, ink_of, inked
from bot.sight.kind import lines_of
from bot.sight.letters import Letters, letters_of
from bot.sight.light import light_of
from bot.sight.page import Sheet, beside, sheets
from bot.sight.picture import Mask, Picture, opened
from bot.sight.regions import Fields, fields
from bot.sight.sharpness import sharpness

Form = Literal["page", "film", "lesion"]

STROKE, FEW, SOFT_INK = 0.15, 12, 0.06


@dataclass(frozen=True)
class Seen:
    """`measures` by name (see docs/photos.md); `fault` a reason's id or empty; `side` of a cut."""

    measures: dict[str, float]
    fault: str
    side: str = ""


@dataclass(frozen=True)
class Page:
    """The paper that is looked at, with what is written on it."""

    sheets: list[Sheet]
    mask: Mask
    paper: Mask
    ink: Mask
    letters: Letters


def look(image: Image.Image, form: Form = "page") -> Seen:
    """Measure a photograph; raises what Pillow raises for a broken file.

    Of a `film` or a `lesion` (a photo of an X-ray, of a sore) only light and sharpness count.
    """
    picture = opened(image)
    measures = measured(picture)
    found, side = fault.of_page(measures) if form == "page" else fault.of_view(measures)
    return Seen({name: round(value, 3) for name, value in measures.items()}, found, side)


def measured(picture: Picture) -> dict[str, float]:
    """All figures of one picture."""
    seen, ink = fields(picture.small), ink_of(picture.large)
    strokes = (ink.depth > STROKE).astype(np.float32)
    shrunk = cv2.resize(strokes, _size(picture.small), interpolation=cv2.INTER_AREA)
    sparse = np.asarray(shrunk, np.float32)
    page = _page(sheets(seen, sparse), picture, ink)
    light = light_of(picture.small, page.mask)
    sharp = sharpness(ink.grey, page.ink, page.paper, page.letters.height)
    lines = lines_of(page.ink, page.letters)
    sides = edges_of(page.mask, picture.small, page.letters, picture.ratio)
    return {
        **_of_paper(page, seen, picture),
        "bright": light.bright,
        "spot": light.spot,
        "rise": light.rise,
        "steep": sharp.steep,
        "even": sharp.even,
        "contrast": sharp.contrast,
        "lines": float(lines.many),
        "long": lines.long,
        **{f"over_{side}": edge.over for side, edge in sides.items()},
        **{f"cut_{side}": float(edge.cut) for side, edge in sides.items()},
        **{f"gap_{side}": edge.gap for side, edge in sides.items()},
        **beside(page.sheets, seen, sparse),
    }


def _of_paper(page: Page, seen: Fields, picture: Picture) -> dict[str, float]:
    there = page.mask > 0
    return {
        "side": max(picture.large.shape[:2]) * picture.scale,
        "height": page.letters.height * picture.scale,
        "letters": float(len(page.letters.boxes)),
        "share": page.sheets[0].share if page.sheets else 0.0,
        "lying": float(page.letters.lying),
        "sure": page.letters.sure,
        "soft": float((seen.ink[there] > SOFT_INK).mean()) if there.any() else 0.0,
    }


def _page(found: list[Sheet], picture: Picture, ink: Ink) -> Page:
    """The likeliest sheet with writing on it; the whole picture where there is no sheet."""
    pages = [_read(found[at:] + found[:at], picture, ink) for at in range(len(found) or 1)]
    return next((page for page in pages if len(page.letters.boxes) >= FEW), pages[0])


def _read(found: list[Sheet], picture: Picture, ink: Ink) -> Page:
    mask = found[0].mask if found else np.ones(picture.small.shape[:2], np.uint8)
    inner = cv2.erode(
        mask, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(1,)
    )
    wide = cv2.resize(inner, _size(picture.large), interpolation=cv2.INTER_NEAREST)
    paper = np.asarray(wide, np.uint8)
    written = inked(ink, paper)
    return Page(found, mask, paper, written, letters_of(written))


def _size(rgb: Mask) -> tuple[int, int]:
    return rgb.shape[1], rgb.shape[0]
