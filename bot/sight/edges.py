"""Whether the paper, and what is written on it, run over a side of the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.letters import Letters
from bot.sight.picture import Bytes, Mask
from bot.sight.regions import tone_of

SIDES = ("left", "right", "top", "bottom")
# Small pixels: the outermost row that is whole, and how far inside paper is surely paper.
RIM, INSIDE, STROKES = 1, 16, 21
SAME_LIGHT, SAME_COLOUR = 9.0, 5.0
NEAR, SHORT, TALL = 0.25, 0.45, 2.5


@dataclass(frozen=True)
class Edge:
    """`over`: share of the picture's side where paper is; `cut`: letters on the very edge;

    `gap`: letter heights between the edge and the nearest writing (99 without any).
    """

    over: float
    cut: int
    gap: float


def edges_of(sheet: Mask, small: Bytes, letters: Letters, ratio: float) -> dict[str, Edge]:
    """The four sides. `sheet` and `small` are the small picture, letters `ratio` times larger."""
    ways = {
        "left": (sheet.T, small.transpose(1, 0, 2)),
        "right": (sheet.T[::-1], small.transpose(1, 0, 2)[::-1]),
        "top": (sheet, small),
        "bottom": (sheet[::-1], small[::-1]),
    }
    high, wide = (side * ratio for side in sheet.shape)
    x, y, w, h = letter_like(letters).T
    far = {"left": x, "right": wide - x - w, "top": y, "bottom": high - y - h}
    along = {"left": y + h / 2, "top": x + w / 2, "right": y + h / 2, "bottom": x + w / 2}
    return {
        side: _edge(_over(*ways[side]), far[side], along[side] / ratio, letters.height)
        for side in SIDES
    }


def letter_like(letters: Letters) -> NDArray[np.int32]:
    """The boxes (x, y, width, height) that are about as high as the letters."""
    tall = letters.boxes[:, 2 if letters.lying else 3]
    fit = (tall >= SHORT * letters.height) & (tall <= TALL * letters.height)
    return np.asarray(letters.boxes[fit], np.int32)


def _over(sheet: Mask, rgb: Bytes) -> NDArray[np.bool_]:
    """Where along the first rows paper is that goes on inside with the same tone."""
    inside = min(INSIDE, len(rgb) - 1)
    rim = tone_of(_bare(rgb[:2].mean(0)))
    step = np.abs(rim - tone_of(_bare(np.median(rgb[inside - 3 : inside + 4], 0))))[0]
    same = (step[:, 0] < SAME_LIGHT) & (np.hypot(step[:, 1], step[:, 2]) < SAME_COLOUR)
    return np.asarray((sheet[RIM] > 0) & (sheet[inside] > 0) & same)


def _bare(row: NDArray[np.float64]) -> Bytes:
    """A row of the picture without the letters in it."""
    nib = np.ones((1, STROKES), np.uint8)
    return np.asarray(cv2.morphologyEx(row[None].astype(np.uint8), cv2.MORPH_CLOSE, nib), np.uint8)


def _edge(
    over: NDArray[np.bool_],
    far: NDArray[np.float64],
    along: NDArray[np.float64],
    height: float,
) -> Edge:
    here = over[along.astype(int).clip(0, len(over) - 1)] if len(along) else np.zeros(0, bool)
    near = np.sort(far[here]) / max(height, 1.0)
    gap = float(near[min(2, len(near) - 1)]) if len(near) else 99.0
    return Edge(float(over.mean()), int((near <= NEAR).sum()), gap)
