"""The small picture cut along its edges: calm patches, grown until they meet."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.picture import Bytes, Floats

Labels = NDArray[np.int32]
Link = tuple[int, int]

CALM, LEVELS = 0.45, (0.6, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0, 4.0, 6.0, 9.0, 1e9)
LEAST_CORE, NIB, STEP, MOST_STEPS = 25, 9, 4, 40
# Black is lifted so that noise in the dark does not look like an edge.
LIFT = 8.0
AROUND = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Fields:
    """Of each pixel: `tone` 60 x log light and two colours, `edge` their slope, `ink` 0 to 1."""

    clean: Bytes
    tone: Floats
    edge: Floats
    ink: Floats


def fields(rgb: Bytes) -> Fields:
    """What the small picture is like without its thin dark strokes, and the strokes."""
    nib = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (NIB, NIB))
    bare = np.asarray(cv2.morphologyEx(rgb, cv2.MORPH_CLOSE, nib), np.uint8)
    clean = np.asarray(cv2.medianBlur(bare, 5), np.uint8)
    tone = tone_of(clean)
    light = bare.min(2).astype(np.float32)
    ink = (light - rgb.min(2)) / (light + LIFT)
    return Fields(clean, tone, _slope(tone), np.asarray(ink.clip(0, 1), np.float32))


def tone_of(rgb: Bytes) -> Floats:
    """60 x the logarithm of the light, and red and blue as shares of it, slightly smoothed."""
    soft = cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), 1.0)
    light = soft.mean(2) + LIFT
    hues = soft / light[..., None]
    stacked = np.dstack([np.log(light), 1.5 * hues[..., 0], 1.5 * hues[..., 2]])
    return np.asarray(stacked * 60, np.float32)


def _slope(tone: Floats) -> Floats:
    found = np.zeros(tone.shape[:2], np.float32)
    for each in cv2.split(tone):
        across, down = cv2.Scharr(each, cv2.CV_32F, 1, 0), cv2.Scharr(each, cv2.CV_32F, 0, 1)
        found = np.maximum(found, cv2.magnitude(across, down) / 32)
    return found


def regions(edge: Floats) -> Labels:
    """Each pixel's patch, from 1: a watershed over the slope."""
    marks = _cores(edge)
    for level in LEVELS:
        _grow(marks, edge < level, MOST_STEPS)
    _grow(marks, edge < np.inf, sum(marks.shape))
    return marks.astype(np.int32)


def _grow(marks: NDArray[np.uint16], there: NDArray[np.bool_], most: int) -> None:
    """Patches take the free pixels beside them, step by step, where they may be."""
    free = there & (marks == 0)
    left = np.count_nonzero(free)
    for _ in range(most):
        np.copyto(marks, cv2.dilate(marks, AROUND), where=free)
        free &= marks == 0
        before, left = left, np.count_nonzero(free)
        if left in (0, before):
            break


def _cores(edge: Floats) -> NDArray[np.uint16]:
    calm = (edge < CALM).astype(np.uint8)
    calm[[0, -1]] = 0
    calm[:, [0, -1]] = 0
    core = cv2.erode(calm, np.ones((5, 5), np.uint8))
    _, marks, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_CORE
    large[0] = False
    if not large.any():
        return np.ones(edge.shape, np.uint16)
    return np.asarray(np.where(large, np.cumsum(large), 0)[marks], np.uint16)


def means(patches: Labels, values: Floats) -> NDArray[np.float64]:
    """The mean of the values over each patch; place 0 is empty."""
    flat, many = patches.ravel(), int(patches.max()) + 1
    size = np.maximum(np.bincount(flat, minlength=many), 1)
    return np.asarray(np.bincount(flat, values.ravel(), many) / size)


def links(patches: Labels, tone: Floats) -> dict[Link, tuple[int, NDArray[np.float64]]]:
    """Which patches touch: how long (pixels), and the step in tone from the lower to the other."""
    pairs, jumps = zip(*(_crossings(p, t) for p, t in _both_ways(patches, tone)), strict=True)
    pair, jump = np.concatenate(pairs), np.concatenate(jumps)
    if not len(pair):
        return {}
    kinds, which, many = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
    sums = [np.bincount(which.ravel(), jump[:, i], len(kinds)) / many for i in range(3)]
    steps = np.stack(sums, 1)
    return {(int(a), int(b)): (int(n), s) for (a, b), n, s in zip(kinds, many, steps, strict=True)}


def _both_ways(patches: Labels, tone: Floats) -> list[tuple[Labels, Floats]]:
    return [(patches, tone), (patches.T, tone.transpose(1, 0, 2))]


def _crossings(patches: Labels, tone: Floats) -> tuple[Labels, Floats]:
    """Where the patch changes from one row to the next and stays so for STEP rows."""
    last = len(patches) - STEP
    before, after = patches[STEP - 1 : last], patches[STEP : last + 1]
    far, near = patches[: last - STEP + 1], patches[2 * STEP - 1 :]
    crossing = (before != after) & (far == before) & (near == after)
    jump = (tone[2 * STEP - 1 :] - tone[: last - STEP + 1])[crossing]
    pair = np.stack([before[crossing], after[crossing]], 1)
    swap = pair[:, 0] > pair[:, 1]
    jump[swap] *= -1
    return np.sort(pair, axis=1), jump
