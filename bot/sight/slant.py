"""The outline of two sheets that lie upon each other: two opposite corners of it are missing."""

import cv2
import numpy as np

from bot.sight.page import Outline

# A side of a sheet, in perspective, strays less than this from the sides of its box (degrees).
ASTRAY = 20.0


def slant(outline: Outline) -> float:
    """How long the hull's slanting edges are across two opposite corners.

    The shorter of the two, by the side of a square as large as the sheet's box: about 0.3 where
    two sheets overlap, near 0 for one.
    """
    hull = np.asarray(cv2.convexHull(outline), np.float64).reshape(-1, 2)
    middle, size, angle = cv2.minAreaRect(outline)
    edge, between = np.roll(hull, -1, 0) - hull, (hull + np.roll(hull, -1, 0)) / 2
    straying = np.degrees(np.arctan2(edge[:, 1], edge[:, 0])) - angle
    slanting = np.abs((straying + 45) % 90 - 45) > ASTRAY
    length = np.hypot(edge[:, 0], edge[:, 1]) * slanting
    turn = np.radians(angle)
    across = (between - middle) @ np.array([np.cos(turn), np.sin(turn)])
    down = (between - middle) @ np.array([-np.sin(turn), np.cos(turn)])
    corner = (across > 0) + 2 * (down > 0)
    nw, ne, sw, se = np.bincount(corner, length, 4)
    return float(max(min(nw, se), min(ne, sw)) / np.sqrt(max(1.0, size[0] * size[1])))
