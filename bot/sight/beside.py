"""Whether a second sheet is a page of its own."""

import cv2
import numpy as np

from bot.sight.page import Sheet
from bot.sight.picture import Floats, Mask
from bot.sight.regions import Fields
from bot.sight.slant import slant

REACH = 9


def beside(found: list[Sheet], seen: Fields, ink: Floats) -> dict[str, float]:
    """How much the second sheet is a page of its own, as figures named `other…` and `slant`."""
    missing = slant(found[0].outline) if found else 0.0
    if len(found) < 2:
        names = (
            "other",
            "other_inside",
            "other_along",
            "other_light",
            "other_hue",
            "other_ink",
            "other_touch",
        )
        return {**dict.fromkeys(names, 0.0), "slant": missing}
    one, other = found[0].mask > 0, found[1].mask > 0
    hull = cv2.fillConvexPoly(np.zeros_like(found[0].mask), cv2.convexHull(found[0].outline), 1)
    frame = np.concatenate([other[1], other[-2], other[:, 1], other[:, -2]])
    light, red, blue = np.median(seen.tone[other], 0) - np.median(seen.tone[one], 0)
    return {
        "other_touch": _touch(found[0].mask, found[1].mask),
        "other": found[1].share,
        "other_inside": float(np.asarray(hull)[other].mean()),
        "other_along": float(frame.mean()),
        "other_light": float(np.exp(light / 60)),
        "other_hue": float(np.hypot(red, blue)),
        "other_ink": float(ink[other].mean()),
        "slant": missing,
    }


def _touch(one: Mask, other: Mask) -> float:
    """How long their common border is, as a share of the side of a square like the smaller."""
    near = np.asarray(cv2.dilate(one, np.ones((REACH, REACH), np.uint8)), np.uint8) & other
    return float(near.sum() / (REACH // 2) / np.sqrt(min(one.sum(), other.sum())))
