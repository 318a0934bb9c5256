"""What is in the picture: how much of it is written lines, and how large they are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.letters import Letters
from bot.sight.picture import Mask


@dataclass(frozen=True)
class Lines:
    """`many` written lines, `long` their length in letter heights, together; their `boxes`."""

    many: int
    long: float
    boxes: NDArray[np.int32]


def lines_of(inked: Mask, letters: Letters) -> Lines:
    """Letters smeared along the line until they touch."""
    height = max(3, round(letters.height))
    reach = (height, 1) if not letters.lying else (1, height)
    smeared = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones(reach[::-1], np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(smeared, np.uint8))
    long, thick = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    if letters.lying:
        long, thick = thick, long
    line = (long >= 3 * height) & (thick <= 3 * height) & (thick >= 0.5 * height)
    boxes = np.asarray(stats[1:][line, :4], np.int32)
    return Lines(int(line.sum()), float(long[line].sum() / height), boxes)
