"""Where the print is on a page, and how much of it a defect takes away."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.picture_set import place
from benchmarks.picture_set.place import Array
from benchmarks.picture_set.render import Page
from benchmarks.picture_set.shots import Shot

CELL = 8
CONTRAST = 45


def ink(page: Page) -> tuple[Array, Array]:
    """Places of print on the page and how many edges of letters are at each."""
    grey = np.asarray(page.image.convert("L"), np.int16)
    edges = (np.abs(np.diff(grey, axis=1)) > CONTRAST) * 255
    small = np.asarray(Image.fromarray(edges.astype(np.uint8)).reduce(CELL), float)
    y, x = np.nonzero(small > 3)
    return (np.stack([x, y], 1) + 0.5) * CELL, small[y, x]


def share_of(weights: Array, chosen: NDArray[Any]) -> float:
    """How much of all ink is in the chosen places."""
    return float((weights * chosen).sum() / weights.sum())


def first(far: Array, weights: Array, share: float) -> float:
    """The distance within which the given share of the ink lies."""
    order = np.argsort(far)
    gone = np.cumsum(weights[order]) / weights.sum()
    return float(far[order][int(np.searchsorted(gone, share))])


def edge(places: Array, weights: Array, shot: Shot) -> float:
    """Beyond which x or y the share of the ink lies that is to be cut off."""
    along = places[:, axis(shot)]
    sign = -1.0 if shot.how in ("right", "bottom") else 1.0
    return sign * first(sign * along, weights, shot.strength)


def axis(shot: Shot) -> int:
    """0 if a part is cut off at the left or right, 1 at the top or bottom."""
    return int(shot.how in ("top", "bottom"))


def kept(page: Page, shot: Shot) -> place.Box:
    """The part of the page that stays in the picture."""
    w, h = page.image.size
    at = edge(*ink(page), shot)
    boxes: dict[str, place.Box] = {
        "left": (at, 0, w, h),
        "right": (0, 0, at, h),
        "top": (0, at, w, h),
        "bottom": (0, 0, w, at),
    }
    return boxes[shot.how]


def cut(matrix: Array, page: Page, shot: Shot) -> Array:
    """The view moved so that the wanted share of the ink is outside on one side."""
    places, weights = ink(page)
    shift, way = [0.0, 0.0], axis(shot)
    border = shot.size[way] if shot.how in ("right", "bottom") else 0
    shift[way] = border - edge(place.through(matrix, places), weights, shot)
    return place.moved(matrix, shift)


def outside(page: Page, matrix: Array, size: place.Size) -> float:
    """The share of the ink that is not in the picture."""
    places, weights = ink(page)
    there = place.through(matrix, places)
    return share_of(weights, np.any((there < 0) | (there > np.array(size)), axis=1))
