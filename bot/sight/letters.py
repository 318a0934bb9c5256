"""The letters: ink in pieces of a letter's size, and how high they are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.picture import Mask

Boxes = NDArray[np.int32]
LEAST_AREA, LEAST_HEIGHT, MOST_HEIGHT, LONGEST = 4, 2, 160, 12.0
CELL = 256


@dataclass(frozen=True)
class Letters:
    """Boxes (x, y, width, height) of letters or words in the large picture.

    `height` is the median height in its pixels (0 without letters), `lying` whether lines run
    from top to bottom, `sure` how clearly (1 is undecided).
    """

    boxes: Boxes
    height: float
    lying: bool
    sure: float


def letters_of(inked: Mask) -> Letters:
    """The letters of a page's ink."""
    sure = across(inked)
    boxes = _boxes(inked)
    side = 2 if sure < 1 else 3
    tall = _typical(boxes[:, side], boxes[:, 5 - side])
    return Letters(boxes, tall, sure < 1, max(sure, 1 / max(sure, 1e-6)))


def _typical(heights: NDArray[np.int32], widths: NDArray[np.int32]) -> float:
    """The median height of what is written: long words count for more than dots."""
    if not len(heights):
        return 0.0
    order = np.argsort(heights)
    weights = np.minimum(widths, 4 * heights)[order].cumsum()
    return float(heights[order][np.searchsorted(weights, weights[-1] / 2)])


def _boxes(inked: Mask) -> Boxes:
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    boxes = np.asarray(stats[1:], np.int32)
    short, long = boxes[:, 2:4].min(1), boxes[:, 2:4].max(1)
    fit = (boxes[:, 4] >= LEAST_AREA) & (short >= LEAST_HEIGHT) & (long <= MOST_HEIGHT * 4)
    fit &= (short <= MOST_HEIGHT) & (long <= LONGEST * short)
    return np.asarray(boxes[fit, :4], np.int32)


def across(inked: Mask) -> float:
    """How much more the ink changes from row to row than from column to column, cell by cell."""
    rows, columns = _changes(inked), _changes(np.ascontiguousarray(inked.T))
    return float((rows + 1e-6) / (columns + 1e-6))


def _changes(inked: Mask) -> float:
    """The variance of the rows' ink, over cells of the page."""
    height, width = (max(1, side // CELL) for side in inked.shape)
    cut = inked[: height * CELL, : width * CELL] if min(inked.shape) >= CELL else inked
    strips = np.add.reduceat(cut.astype(np.float32), np.arange(0, cut.shape[1], CELL), axis=1)
    smooth = cv2.blur(strips, (1, 3))
    return float(np.diff(smooth, axis=0).var())
