"""Where the paper is: patches that belong to one sheet, its outline and its corners."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.sight.picture import Floats, Mask
from bot.sight.regions import Fields, Labels, Link, links, means, regions

Flags = NDArray[np.bool_]
Outline = NDArray[np.int32]
Links = dict[Link, tuple[int, NDArray[np.float64]]]

# A fold is a step of 6 in tone, a paper's edge one of 10 or more.
SAME_LIGHT, SAME_COLOUR, LEAST_BORDER = 10.0, 4.5, 8
SOLID, LEAST_PATCH, INK = 0.93, 0.01, 0.05
# Set by hand: how much each counts for a patch being paper.
AREA, LIGHT, INKED, ALONG = 1.0, 3.0, 2.5, 6.0
BLOWN, MOST_BLOWN = 250, 0.4
HALF, MOST_FILLED, SAME_TONE = 0.35, 0.75, 16.0


@dataclass(frozen=True)
class Sheet:
    """A paper in the small picture: its pixels, its outline, and how sure its ink makes it."""

    mask: Mask
    outline: Outline
    score: float

    @property
    def share(self) -> float:
        """The part of the picture it fills."""
        return float(self.mask.mean())

    @property
    def solid(self) -> float:
        """Its area by that of its convex hull."""
        hull = cv2.contourArea(cv2.convexHull(self.outline))
        return float(cv2.contourArea(self.outline) / max(hull, 1.0))


def sheets(seen: Fields, ink: Floats, most: int = 3) -> list[Sheet]:
    """The papers, the likeliest first; none in a picture without a calm inked patch."""
    cut = regions(seen.edge)
    patches = _joined(cut, seen, np.bincount(cut.ravel()) / cut.size)
    scores, found = _scores(patches, seen, ink), list[Sheet]()
    while len(found) < most and scores.max() > 0:
        best = int(scores.argmax())
        if sheet := _sheet(patches == best, float(scores[best])):
            found.append(sheet)
            scores[np.unique(patches[sheet.mask > 0])] = 0
        scores[best] = 0
    return _folded(found, seen)


def _folded(found: list[Sheet], seen: Fields) -> list[Sheet]:
    """Two halves of one tone that touch and make one convex sheet are one, folded."""
    if len(found) < 2 or found[1].share < HALF * found[0].share:
        return found
    first, second = (np.median(seen.tone[sheet.mask > 0], 0) for sheet in found[:2])
    if np.abs(first - second).max() > SAME_TONE:
        return found
    both = cv2.morphologyEx(found[0].mask | found[1].mask, cv2.MORPH_CLOSE, np.ones((5, 5)))
    whole = _sheet(both > 0, found[0].score)
    if whole is None or whole.solid < SOLID + 0.02 or whole.share < 0.97 * both.mean():
        return found
    return [whole, *found[2:]]


def _scores(patches: Labels, seen: Fields, ink: Floats) -> NDArray[np.float64]:
    """Paper is large, the brightest thing, inked, and does not run along the frame."""
    area = np.bincount(patches.ravel()) / patches.size
    frame = np.concatenate([patches[0], patches[-1], patches[:, 0], patches[:, -1]])
    along = np.bincount(frame, minlength=len(area)) / len(frame)
    tone = seen.tone[..., 0]
    light = means(patches, tone) / 60
    inked = means(patches, ink).clip(0, INK) / INK
    scores = area**AREA * np.exp(LIGHT * light + INKED * inked - ALONG * along.clip(0, 0.5))
    blown = means(patches, (seen.clean.min(2) >= BLOWN).astype(np.float32)) > 0.5
    if area[blown].sum() < MOST_BLOWN:
        scores[blown] = 0
    return np.asarray(np.where(area >= LEAST_PATCH, scores, 0))


def _joined(patches: Labels, seen: Fields, areas: NDArray[np.float64]) -> Labels:
    """Patches with the folds between them gone: joined while the whole stays convex."""
    near = links(patches, seen.tone)
    alike = [pair for pair, (length, step) in near.items() if _alike(length, step)]
    pairs = sorted(alike, key=lambda pair: float(np.abs(near[pair][1]).sum()))
    pairs = [pair for pair in pairs if min(areas[list(pair)]) >= LEAST_PATCH]
    whole, changed, solid = np.arange(len(areas)), True, _solidity(patches)
    while changed:
        changed = False
        for a, b in pairs:
            if whole[a] != whole[b] and _fits(whole == whole[a], whole == whole[b], solid):
                whole[whole == whole[b]] = whole[a]
                changed = True
    return np.asarray(whole[patches], np.int32)


def _alike(length: int, step: NDArray[np.float64]) -> bool:
    light, red, blue = np.abs(step)
    return bool(length >= LEAST_BORDER and light < SAME_LIGHT and np.hypot(red, blue) < SAME_COLOUR)


def _fits(one: Flags, other: Flags, solid: Callable[[bytes], float]) -> bool:
    least = min(SOLID, solid(one.tobytes()), solid(other.tobytes()))
    return solid((one | other).tobytes()) >= least - 0.01


def _solidity(patches: Labels) -> Callable[[bytes], float]:
    """How convex patches are together, given by the bytes of their Flags; seen only once each."""
    return cache(lambda flags: _solid(np.frombuffer(flags, np.bool_)[patches]))


def _solid(mask: Flags) -> float:
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    hull = cv2.convexHull(np.concatenate(outlines))
    return float(mask.sum() / max(1.0, cv2.contourArea(hull)))


def _sheet(mask: Flags, score: float) -> Sheet | None:
    smooth = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(smooth, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    largest = max(outlines, key=cv2.contourArea)
    filled = np.zeros_like(smooth)
    cv2.drawContours(filled, [largest], -1, 1, -1)
    # The ground around a paper is a ring.
    if smooth.sum() < MOST_FILLED * filled.sum():
        return None
    return Sheet(np.asarray(filled, np.uint8), np.asarray(largest, np.int32), score)
