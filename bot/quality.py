"""How well a photo of a printed page can be read, measured within a moment.

sharp: 10 × mean squared Laplacian of the locally contrast-normalised page, only where
something is printed. aniso: weaker by stronger direction of edge energy (a shaken photo
makes it small). height: line height in pixels of the sent image. Measured on synthetic
pages; a page blurred and noisy at once passes (known miss).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.float64]

RETAKE_SHARP, RETAKE_ANISO, RETAKE_HEIGHT = 3.0, 0.2, 6.0
WARN_SHARP, WARN_HEIGHT, WARN_SIDE = 10.0, 7.0, 1000
TRIES = 2
WORK_SIDE = 1800
LEAST_INK = 0.005


def verdict(measures: dict[str, float], tries_before: int) -> tuple[str, str]:
    """The verdict (ok, warn, retake, accepted_with_flag) and its reason."""
    reason = _fault(measures)
    if reason:
        return ("retake" if tries_before < TRIES else "accepted_with_flag"), reason
    weak = measures["sharp"] < WARN_SHARP or measures["height"] <= WARN_HEIGHT
    return ("warn" if weak or measures["side"] < WARN_SIDE else "ok"), ""


def _fault(measures: dict[str, float]) -> str:
    if measures["sharp"] == 0:
        return "empty"
    if measures["sharp"] < RETAKE_SHARP or measures["aniso"] < RETAKE_ANISO:
        return "blurred"
    return "small" if measures["height"] <= RETAKE_HEIGHT else ""


def measure(image: Image.Image) -> dict[str, float]:
    """The figures of one photo; all zero where nothing is printed on it."""
    grey, scale = _prepared(image)
    side = float(max(image.size))
    local = grey - _box(grey, 15)
    spread = np.sqrt(np.maximum(_box(local * local, 15), 0))
    printed = spread > 12
    if printed.mean() < LEAST_INK:
        return {"sharp": 0.0, "aniso": 0.0, "height": 0.0, "side": side}
    page = local / np.maximum(spread, 8)
    sharp, aniso = _edges(page, printed)
    height = _line_height((page < -0.5) & printed) / scale
    return {"sharp": sharp, "aniso": aniso, "height": height, "side": side}


def _prepared(image: Image.Image) -> tuple[Pixels, float]:
    upright = ImageOps.exif_transpose(image).convert("L")
    scale = min(1.0, WORK_SIDE / max(upright.size))
    if scale < 1:
        size = int(upright.width * scale), int(upright.height * scale)
        upright = upright.resize(size, Image.Resampling.BOX)
    return np.asarray(upright, float), scale


def _box(a: Pixels, k: int) -> Pixels:
    total: Pixels = np.pad(a, ((k + 1, k), (k + 1, k)), mode="edge").cumsum(0).cumsum(1)
    n = 2 * k + 1
    return np.asarray((total[n:, n:] - total[:-n, n:] - total[n:, :-n] + total[:-n, :-n]) / n / n)


def _edges(page: Pixels, printed: NDArray[np.bool_]) -> tuple[float, float]:
    inner = printed[1:-1, 1:-1]
    across = ((page[1:-1, 2:] - page[1:-1, :-2])[inner] ** 2).mean()
    down = ((page[2:, 1:-1] - page[:-2, 1:-1])[inner] ** 2).mean()
    middle = 4 * page[1:-1, 1:-1]
    around = page[1:-1, 2:] + page[1:-1, :-2] + page[2:, 1:-1] + page[:-2, 1:-1]
    sharp = 10 * ((middle - around)[inner] ** 2).mean()
    return round(float(sharp), 2), round(float(min(across, down) / max(across, down)), 2)


def _line_height(ink: NDArray[np.bool_]) -> float:
    # Lines of text run along the profile that varies most.
    rows: Any = max((ink.mean(1), ink.mean(0)), key=lambda r: r.std() / max(r.mean(), 1e-6))
    on = np.append(rows > max(0.01, 0.15 * np.percentile(rows, 98)), False)
    runs, length = [], 0
    for lit in on:
        if lit:
            length += 1
            continue
        if length >= 3:
            runs.append(length)
        length = 0
    return float(np.median(runs)) if runs else 0.0
