"""Whether a second sheet is a page of its own."""

import cv2
import numpy as np

from bot.sight.fault import GROUND
from bot.sight.page import Sheet
from bot.sight.picture import Floats, Mask
from bot.sight.regions import Fields
from bot.sight.slant import slant

REACH = 9
NAMES = ("touch", "inside", "along", "light", "hue", "ink")


def beside(found: list[Sheet], seen: Fields, ink: Floats) -> dict[str, float]:
    """How much another sheet is a page of its own, as figures named `other…`, and `slant`."""
    missing = slant(found[0].outline) if found else 0.0
    others = [(_along(sheet), sheet) for sheet in found[1:]]
    # The ground may stand before the second page.
    another = next((each for each in others if each[0] < GROUND), others[0] if others else None)
    if not another:
        empty = dict.fromkeys((f"other_{name}" for name in NAMES), 0.0)
        return {"slant": missing, "other": 0.0, **empty}
    along, sheet = another
    one, other = found[0].mask > 0, sheet.mask > 0
    hull = cv2.fillConvexPoly(np.zeros_like(found[0].mask), cv2.convexHull(found[0].outline), 1)
    light, red, blue = np.median(seen.tone[other], 0) - np.median(seen.tone[one], 0)
    return {
        "slant": missing,
        "other": sheet.share,
        "other_touch": _touch(found[0].mask, sheet.mask),
        "other_inside": float(np.asarray(hull)[other].mean()),
        "other_along": along,
        "other_light": float(np.exp(light / 60)),
        "other_hue": float(np.hypot(red, blue)),
        "other_ink": float(ink[other].mean()),
    }


def _along(sheet: Sheet) -> float:
    """The part of the picture's frame that it lies on."""
    there = sheet.mask
    return float(np.concatenate([there[1], there[-2], there[:, 1], there[:, -2]]).mean())


def _touch(one: Mask, other: Mask) -> float:
    """How long their common border is, as a share of the side of a square like the smaller."""
    near = np.asarray(cv2.dilate(one, np.ones((REACH, REACH), np.uint8)), np.uint8) & other
    return float(near.sum() / (REACH // 2) / np.sqrt(min(one.sum(), other.sum())))
