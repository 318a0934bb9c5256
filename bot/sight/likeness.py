"""A page's likeness: 512 bits that stay nearly the same when the page is photographed again."""

import cv2
import numpy as np

from bot.sight.picture import Floats

GRID, BITS, MORE = 16, 512, 0.01
# Measured on pairs of photographs of one page, and of different pages: see docs/photos.md.
SAME_PAGE = 28


def likeness(ink: Floats) -> str:
    """Of the flattened upright page's ink (0 to 1): 128 hex digits, empty for a blank page.

    Each bit says whether there is clearly more ink here than to the right, or below.
    """
    if not ink.any():
        return ""
    cells = cv2.resize(ink, (GRID + 1, GRID + 1), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(cells, (0, 0), 0.7)
    here = soft[:-1, :-1] - MORE
    across, down = here > soft[:-1, 1:], here > soft[1:, :-1]
    bits = np.concatenate([across.ravel(), down.ravel()])
    return np.packbits(bits).tobytes().hex()


def distance(a: str, b: str) -> int:
    """How many of the 512 bits differ; all of them where one page is blank."""
    if not a or not b:
        return BITS
    return (int(a, 16) ^ int(b, 16)).bit_count()
