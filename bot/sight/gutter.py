"""The blank strip between two pages that lie side by side, seen by their writing alone."""

import numpy as np
from numpy.typing import NDArray

from bot.sight.edges import letter_like
from bot.sight.letters import Letters

# Pages lie a little askew: the strip's slope, across by down.
SLOPES = np.linspace(-0.12, 0.12, 7)
EACH_SIDE, FEW = 0.2, 24
# A paper's shadow looks like writing here and there: so much of it counts as blank.
STRAY = 0.01


def gutter(letters: Letters) -> float:
    """Its width in letter heights, 0 where no straight, nearly blank strip parts the writing.

    Each side of it has at least EACH_SIDE of all that is written.
    """
    boxes = np.asarray(letter_like(letters), np.float64)
    if len(boxes) < FEW:
        return 0.0
    x, y, w, h = boxes.T
    start, wide, down = (y, h, x + w / 2) if letters.lying else (x, w, y + h / 2)
    return max(_widest(start - slope * down, wide) for slope in SLOPES) / letters.height


def _widest(start: NDArray[np.float64], wide: NDArray[np.float64]) -> float:
    order = np.argsort(start)
    start, wide = start[order], wide[order]
    written = np.cumsum(wide) / wide.sum()
    inner = np.nonzero((written > EACH_SIDE) & (written < 1 - EACH_SIDE))[0]
    after = np.searchsorted(written, written[inner] + STRAY, side="right")
    after = np.clip(after, inner + 1, len(start) - 1)
    gaps = start[after] - np.maximum.accumulate(start + wide)[inner]
    return float(np.max(gaps, initial=0.0))
