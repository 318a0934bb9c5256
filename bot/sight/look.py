"""One look at one photograph: all that is measured, and what is wrong with it."""

from dataclasses import dataclass
from itertools import chain
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from bot.sight import fault
from bot.sight.beside import beside
from bot.sight.edges import edges_of
from bot.sight.flat import Corners, corners_of, flattened, turned
from bot.sight.gutter import gutter
from bot.sight.ink import Ink, ink_of, inked
from bot.sight.kind import Lines, lines_of
from bot.sight.letters import Letters, letters_of
from bot.sight.light import light_of
from bot.sight.likeness import likeness
from bot.sight.page import Sheet, sheets
from bot.sight.picture import Floats, Mask, Picture, opened
from bot.sight.regions import Fields, fields
from bot.sight.sharpness import sharpness
from bot.sight.turn import turn_of

Form = Literal["page", "film", "lesion"]

STROKE, FEW, SOFT_INK, HALF = 0.15, 12, 0.06, 0.25
# A strip narrower than a line of print shows nothing that could be measured.
LEAST, MOST_LONG = 32, 12


@dataclass(frozen=True)
class Seen:
    """What was seen. `measures` by name (docs/photos.md); `fault` a reason's id or empty.

    `side` of a cut; `turn` degrees to turn the upright-by-EXIF picture clockwise; `corners` of the
    paper (NW, NE, SE, SW, shares of width, height) or None; `likeness` 128 hex digits or empty.
    """

    measures: dict[str, float]
    fault: str
    side: str = ""
    turn: int = 0
    corners: Corners | None = None
    likeness: str = ""


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
    if min(image.size) < max(LEAST, max(image.size) / MOST_LONG):
        return Seen({}, "small")
    picture = opened(image)
    seen, ink = fields(picture.small), ink_of(picture.large)
    sparse = _sparse(ink, picture)
    page = _page(sheets(seen, sparse), picture, ink)
    lines = lines_of(page.ink, page.letters)
    measures = _measures(picture, seen, ink, page, lines)
    measures |= beside(page.sheets, seen, sparse)
    found, side = fault.of_page(measures) if form == "page" else fault.of_view(measures)
    turn = turn_of(lines, page.letters.lying, _reach(page, picture))
    alone = bool(page.sheets) and measures["other"] < HALF * measures["share"]
    corners = corners_of(page.sheets[0]) if alone else None
    kept = {name: round(value, 3) for name, value in measures.items()}
    return Seen(kept, found, side, turn, corners, _likeness(page.ink, corners, turn))


def _sparse(ink: Ink, picture: Picture) -> Floats:
    """The share of ink in each pixel of the small picture."""
    strokes = (ink.depth > STROKE).astype(np.float32)
    shrunk = cv2.resize(strokes, _size(picture.small), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32)


def _likeness(ink: Mask, corners: Corners | None, turn: int) -> str:
    """Only of a page that can be flattened: as photographed, two views of it are too far apart."""
    if corners is None:
        return ""
    return likeness(turned(flattened(ink, corners), turn).astype(np.float32))


def _reach(page: Page, picture: Picture) -> tuple[float, float]:
    """Where the sheet begins and ends across its lines, in large pixels."""
    there = np.nonzero(page.mask.any(0 if page.letters.lying else 1))[0]
    return float(there[0]) * picture.ratio, float(there[-1] + 1) * picture.ratio


def _measures(
    picture: Picture, seen: Fields, ink: Ink, page: Page, lines: Lines
) -> dict[str, float]:
    light = light_of(picture.small, page.mask)
    sharp = sharpness(ink.grey, page.ink, page.paper, page.letters.height)
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
        "gutter": gutter(page.letters),
        **{f"over_{side}": edge.over for side, edge in sides.items()},
        **{f"cut_{side}": float(edge.cut) for side, edge in sides.items()},
        **{f"gap_{side}": edge.gap for side, edge in sides.items()},
    }


def _of_paper(page: Page, seen: Fields, picture: Picture) -> dict[str, float]:
    there = page.mask > 0
    return {
        "side": max(picture.large.shape[:2]) * picture.scale,
        "height": page.letters.height * picture.scale,
        "letters": float(len(page.letters.boxes)),
        "share": page.sheets[0].share if page.sheets else 0.0,
        "soft": float((seen.ink[there] > SOFT_INK).mean()) if there.any() else 0.0,
    }


def _page(found: list[Sheet], picture: Picture, ink: Ink) -> Page:
    """The likeliest sheet with writing on it; the whole picture where there is no sheet."""
    first = _read(found, picture, ink)
    others = (_read(found[at:] + found[:at], picture, ink) for at in range(1, len(found)))
    return next((page for page in chain((first,), others) if len(page.letters.boxes) >= FEW), first)


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
