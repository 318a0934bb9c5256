"""The paper's corners, and the paper seen from straight above."""

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.page import Sheet
from bot.sight.picture import Bytes

Corner = tuple[float, float]
Corners = tuple[Corner, Corner, Corner, Corner]

LEAST_SHARE, LEAST_FIT, RIM, MOST_AT_RIM = 0.15, 0.95, 0.008, 2
STEPS = (0.01, 0.015, 0.02, 0.03, 0.04, 0.05)


def corners_of(sheet: Sheet) -> Corners | None:
    """NW, NE, SE, SW as shares of the picture's width and height; None where not sure."""
    if sheet.share < LEAST_SHARE:
        return None
    quad = _quad(sheet)
    if quad is None or not _fits(quad, sheet):
        return None
    high, wide = sheet.mask.shape
    shares = _in_order(np.asarray(quad, np.float64)) / (wide, high)
    at_rim = int(((shares < RIM) | (shares > 1 - RIM)).sum())
    if shares.min() < -RIM or shares.max() > 1 + RIM or at_rim > MOST_AT_RIM:
        return None
    nw, ne, se, sw = ((float(x), float(y)) for x, y in shares)
    return nw, ne, se, sw


def _quad(sheet: Sheet) -> NDArray[np.float64] | None:
    """The hull with its corners cut fewer and fewer until four are left."""
    hull = cv2.convexHull(sheet.outline)
    around = cv2.arcLength(hull, closed=True)
    for part in STEPS:
        corners = cv2.approxPolyDP(hull, part * around, closed=True)
        if len(corners) <= 4:
            return np.asarray(corners.reshape(-1, 2), np.float64) if len(corners) == 4 else None
    return None


def _fits(quad: NDArray[np.generic], sheet: Sheet) -> bool:
    empty = np.zeros_like(sheet.mask)
    drawn = np.asarray(cv2.fillConvexPoly(empty, np.asarray(quad, np.int32), (1,)), np.uint8)
    return float((drawn & sheet.mask).sum() / (drawn | sheet.mask).sum()) > LEAST_FIT


def _in_order(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    total, apart = quad.sum(1), quad[:, 0] - quad[:, 1]
    return quad[[total.argmin(), apart.argmax(), total.argmax(), apart.argmin()]]


def flattened(rgb: Bytes, corners: Corners) -> Bytes:
    """The paper alone, its sides as long as the longer of each pair in the picture."""
    high, wide = rgb.shape[:2]
    quad = np.array(corners, np.float32) * np.array([wide, high], np.float32)
    nw, ne, se, sw = quad
    width = round(float(max(np.linalg.norm(ne - nw), np.linalg.norm(se - sw))))
    height = round(float(max(np.linalg.norm(sw - nw), np.linalg.norm(se - ne))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    way = cv2.getPerspectiveTransform(quad, target)
    return np.asarray(cv2.warpPerspective(rgb, way, (width, height)), np.uint8)


def turned(rgb: Bytes, turn: int) -> Bytes:
    """Turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(rgb, -turn // 90))
