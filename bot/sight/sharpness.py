"""How sharp the letters' edges are, in letter heights, and whether one direction is smeared."""

from dataclasses import dataclass

import cv2
import numpy as np

from bot.sight.picture import Bytes, Floats, Mask

SOFT, CELLS = 0.08, 1.6
WRITTEN, FAINT, LIFT = 0.04, 0.08, 8
ASLANT = np.float32(0.5**0.5)


@dataclass(frozen=True)
class Sharpness:
    """`steep`: steepest slope x letter height / contrast, typical cell (sharp is above 2.5).

    `even`: the least steep direction by the steepest; `contrast`: of ink to paper, 0 to 1.
    """

    steep: float
    even: float
    contrast: float


def sharpness(grey: Bytes, inked: Mask, paper: Mask, height: float) -> Sharpness:
    """Measured in cells of the paper where something is written; zeros where nothing is."""
    side = max(6, round(height * CELLS))
    sigma = max(0.6, SOFT * height)
    soft = np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma), np.float32)
    top, low = _most(soft, side), -_most(-soft, side)
    there = _most(1 - paper, side) == 0
    written = _share(inked, side) > WRITTEN
    span = (top - low) / (top + LIFT)
    chosen = there & written & (span > FAINT)
    if not chosen.any():
        return Sharpness(0.0, 0.0, 0.0)
    slopes = [_most(each, side)[chosen] for each in _slopes(soft)]
    each = np.stack(slopes) * height / (top - low)[chosen]
    typical = np.percentile(each, 70, axis=1)
    best, worst = float(typical.max()), float(typical.min())
    contrast = float(np.percentile(span[chosen], 80))
    return Sharpness(best, worst / max(best, 1e-6), contrast)


def _slopes(soft: Floats) -> list[Floats]:
    """Per direction the slope in grey levels per pixel."""
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    both, other = (dx + dy) * ASLANT, (dx - dy) * ASLANT
    return [np.abs(each, out=each) for each in (dx, dy, both, other)]


def _most(values: Floats | Mask, side: int) -> Floats:
    """The greatest value of each cell of side x side pixels; a half cell at the end counts."""
    down, across = (len(range(side // 2, size, side)) for size in values.shape)
    rows = np.stack([values[n * side : (n + 1) * side].max(0) for n in range(down)])
    cells = np.maximum.reduceat(rows[:, : across * side], range(0, across * side, side), axis=1)
    return np.asarray(cells, np.float32)


def _share(mask: Mask, side: int) -> Floats:
    """The mean of each such cell."""
    mean = cv2.blur(mask.astype(np.float32), (side, side))
    return np.asarray(mean[side // 2 :: side, side // 2 :: side], np.float32)
