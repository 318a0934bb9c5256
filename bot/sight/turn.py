"""Which way up the page lies: lines run along it, start at the left, and begin at its top."""

import numpy as np
from numpy.typing import NDArray

from bot.sight.kind import Lines

SURE, FEW, TOP = 1.0, 5, 3.0


def turn_of(lines: Lines, lying: bool, paper: tuple[float, float]) -> int:
    """Degrees (0, 90, 180, 270) to turn the picture clockwise; a doubtful 180 is not named.

    `paper` is where the sheet begins and ends across the lines, in the lines' own pixels.
    """
    upside = upside_down(lines.boxes, lying, paper)
    return (270 if upside > SURE else 90) if lying else (180 if upside > SURE else 0)


def upside_down(boxes: NDArray[np.int32], lying: bool, paper: tuple[float, float]) -> float:
    """Above 0: rather upside down (after a lying page was turned clockwise once)."""
    if len(boxes) < FEW:
        return 0.0
    x, y, w, h = np.asarray(boxes, float).T
    start, end, down = (-(y + h), -y, x + w / 2) if lying else (x, x + w, y + h / 2)
    ragged = np.log((_spread(start, down) + 1) / (_spread(end, down) + 1))
    first, last = paper
    middle = (float(np.average(down, weights=end - start)) - first) / max(last - first, 1.0)
    return float(ragged + TOP * (middle - 0.5))


def _spread(edge: NDArray[np.float64], down: NDArray[np.float64]) -> float:
    """How far line ends are from a common slanted margin."""
    slope = np.polyfit(down, edge, 1)[0] if len(edge) > FEW else 0.0
    straight = edge - slope * down
    return float(np.median(np.abs(straight - np.median(straight))))
