"""The letters: ink in pieces of a letter's size, and how high they are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.picture import Mask

Boxes = NDArray[np.int32]
LEAST_AREA, LEAST_HEIGHT, MOST_HEIGHT, LONGEST = 4, 2, 160, 12.0
SAMPLE, CLOSE = 400, 0.7


@dataclass(frozen=True)
class Letters:
    """Boxes (x, y, width, height) of letters or words in the large picture.

    `height` is the median height in its pixels (0 without letters), `lying` whether lines run
    from top to bottom.
    """

    boxes: Boxes
    height: float
    lying: bool


def letters_of(inked: Mask) -> Letters:
    """The letters of a page's ink."""
    boxes = _boxes(inked)
    short = _typical(boxes[:, 2:4].min(1), boxes[:, 2:4].max(1))
    rows = _followed(boxes, short)
    columns = _followed(boxes[:, [1, 0, 3, 2]], short)
    side = 2 if columns > rows else 3
    tall = _typical(boxes[:, side], boxes[:, 5 - side])
    return Letters(boxes, tall, columns > rows)


def _followed(boxes: Boxes, height: float) -> int:
    """How many have their next one close by in the same row: letters stand closer than lines."""
    some = boxes[:: max(1, len(boxes) // SAMPLE)]
    left, top, wide, tall = (some[:, i, None] for i in range(4))
    x, y, _, h = (boxes[None, :, i] for i in range(4))
    gap = x - (left + wide)
    shared = np.minimum(top + tall, y + h) - np.maximum(top, y)
    near = (gap > -0.3 * height) & (gap < CLOSE * height) & (x > left)
    return int((near & (shared > 0.5 * np.minimum(tall, h))).any(1).sum())


def _boxes(inked: Mask) -> Boxes:
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    boxes = np.asarray(stats[1:], np.int32)
    short, long = boxes[:, 2:4].min(1), boxes[:, 2:4].max(1)
    fit = (boxes[:, 4] >= LEAST_AREA) & (short >= LEAST_HEIGHT) & (long <= MOST_HEIGHT * 4)
    fit &= (short <= MOST_HEIGHT) & (long <= LONGEST * short)
    return np.asarray(boxes[fit, :4], np.int32)


def _typical(heights: NDArray[np.int32], widths: NDArray[np.int32]) -> float:
    """The median height of what is written: long words count for more than dots."""
    if not len(heights):
        return 0.0
    order = np.argsort(heights)
    weights = np.minimum(widths, 4 * heights)[order].cumsum()
    return float(heights[order][np.searchsorted(weights, weights[-1] / 2)])
