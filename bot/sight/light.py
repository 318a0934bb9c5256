"""The light on the paper: how bright, and reflections that swallow what is written."""

from dataclasses import dataclass

import cv2
import numpy as np

from bot.sight.picture import Bytes, Mask

BLOWN, RIM, RING = 250, 4, 22
LEAST_REST, LEAST_PAPER_AROUND = 0.2, 0.12
LIFT = 8


@dataclass(frozen=True)
class Light:
    """`bright`: of the paper, 0 to 255 (its upper quarter, reflections left out).

    `spot`: share of the picture that is one blank white spot on the paper; `rise`: how much
    brighter (natural logarithm) its rim is than the rest of the paper.
    """

    bright: float
    spot: float = 0.0
    rise: float = 0.0


def light_of(small: Bytes, sheet: Mask) -> Light:
    """Measured in the small picture."""
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    spot = _largest(np.asarray(small.min(2) >= BLOWN, np.uint8))
    if spot is None:
        return Light(_level(grey, sheet, 75))
    near, wide = _grown(spot, RIM), _grown(spot, RING)
    rest = sheet & (1 - wide)
    ring = wide & (1 - near)
    # A white page on a screen is no reflection: nothing of it is darker.
    if rest.sum() < LEAST_REST * sheet.sum():
        return Light(_level(grey, sheet, 75))
    if (ring & sheet).sum() < LEAST_PAPER_AROUND * ring.sum():
        return Light(_level(grey, rest, 75))
    rim = _grown(spot, RIM + 2) & (1 - spot)
    rise = np.log((grey[rim > 0].mean() + LIFT) / (_level(grey, rest, 50) + LIFT))
    return Light(_level(grey, rest, 75), float(spot.mean()), float(rise))


def _level(grey: Bytes, there: Mask, percent: float) -> float:
    level = grey[there > 0]
    return float(np.percentile(level, percent)) if level.size else 0.0


def _largest(white: Mask) -> Mask | None:
    whole = cv2.morphologyEx(white, cv2.MORPH_OPEN, _disc(2))
    many, marks, stats, _ = cv2.connectedComponentsWithStats(np.asarray(whole, np.uint8))
    if many < 2:
        return None
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray(marks == best, np.uint8)


def _grown(mask: Mask, radius: int) -> Mask:
    return np.asarray(cv2.dilate(mask, _disc(radius)), np.uint8)


def _disc(radius: int) -> Mask:
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
