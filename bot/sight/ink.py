"""The dark strokes of print and writing, found in the large picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from bot.sight.picture import Bytes, Floats, Mask

NIB, LIFT = 15, 8.0
FAINT, SURE, LEAST_PAPER = 0.10, 5.0, 1000


@dataclass(frozen=True)
class Ink:
    """Of each pixel: its grey, and how much darker than the paper around it (0 to 1)."""

    grey: Bytes
    depth: Floats


def ink_of(large: Bytes) -> Ink:
    """The strokes narrower than NIB pixels."""
    grey = np.asarray(cv2.cvtColor(large, cv2.COLOR_RGB2GRAY), np.uint8)
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    light = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((NIB, NIB), np.uint8))
    depth = (light - soft).astype(np.float32) / (light.astype(np.float32) + LIFT)
    return Ink(grey, np.asarray(depth, np.float32))


def inked(ink: Ink, paper: Mask) -> Mask:
    """Where on the paper ink is, and not only noise."""
    return ((ink.depth > faintest(ink, paper)) & (paper > 0)).astype(np.uint8)


def faintest(ink: Ink, paper: Mask) -> float:
    """The least depth that blank paper hardly ever has in this picture: most of it is blank."""
    blank = ink.depth[::4, ::4][paper[::4, ::4] > 0]
    if blank.size < LEAST_PAPER:
        return FAINT
    usual = float(np.median(blank))
    spread = 1.4826 * float(np.median(np.abs(blank - usual)))
    return max(FAINT, usual + SURE * spread)
