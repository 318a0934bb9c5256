"""Light and its lack: shading, shadows, glare, exposure, noise, folds."""

import math
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from benchmarks.picture_set.place import Array, through

Field = NDArray[np.float32]
COARSE = 16
BLOWN, BLINDING = 0.7, 1.9
CROSSWISE = {0: (), 1: (0.5,), 2: (0.333, 0.667)}


def grid(size: tuple[int, int]) -> tuple[Field, Field]:
    """x and y from 0 to 1 on a coarse raster."""
    x, y = (np.linspace(0, 1, side // COARSE, dtype=np.float32) for side in size)
    return x[None, :], y[:, None]


def half_plane(size: tuple[int, int], rng: Random, soft: float) -> Field:
    """0 on one side of a slanting line, 1 on the other, with a soft edge."""
    x, y = grid(size)
    angle, edge = rng.uniform(0, 2 * math.pi), rng.uniform(-0.25, 0.25)
    along = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle) - edge
    return np.asarray(1 / (1 + np.exp(-along / soft)), np.float32)


def phone_shadow(size: tuple[int, int], rng: Random) -> Field:
    """1 where the phone and the hands take the light away."""
    x, y = grid(size)
    cx, top = rng.uniform(0.25, 0.75), rng.uniform(0.35, 0.7)
    wide, soft = rng.uniform(0.15, 0.3), rng.uniform(0.02, 0.06)
    inside = np.minimum(wide - np.abs(x - cx), y - top) / soft
    return np.asarray(1 / (1 + np.exp(-inside.clip(-30, 30))), np.float32)


def shading(size: tuple[int, int], shadow: float, rng: Random) -> Field:
    """How much light falls where: uneven, with a shadow of the given depth."""
    x, y = grid(size)
    slope = 1 - 0.16 * half_plane(size, rng, 0.3)
    dim = 1 - 0.22 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    sharp = rng.uniform(0.01, 0.06)
    shape = phone_shadow(size, rng) if rng.random() < 0.5 else half_plane(size, rng, sharp)
    return np.asarray(slope * dim * (1 - shadow * shape), np.float32)


def as_grey(field: Field, size: tuple[int, int]) -> Image.Image:
    """A coarse field from 0 to 1 as a grey RGB image of a size."""
    coarse = Image.fromarray((field * 255).clip(0, 255).astype(np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC).convert("RGB")


def lit(image: Image.Image, field: Field) -> Image.Image:
    """The image under that light."""
    return ImageChops.multiply(image, as_grey(field, image.size))


def shone(image: Image.Image, field: Field) -> Image.Image:
    """The image with a reflection over it."""
    return ImageChops.screen(image, as_grey(field, image.size))


def spot(
    size: tuple[int, int], centre: Array, radii: Array, peak: float, back: Array | None = None
) -> Field:
    """A lamp's reflection, soft at the rim; with `back` its place is one on the paper."""
    x, y = grid(size)
    x, y = np.broadcast_arrays(x * size[0], y * size[1])
    points = np.stack([x.ravel(), y.ravel()], 1).astype(float)
    places = points if back is None else through(back, points)
    far = (((places - centre) / radii) ** 2).sum(1).reshape(x.shape)
    return np.asarray(peak * np.exp(-(far**2) * 0.7), np.float32)


def ragged(field: Field, rng: Random) -> Field:
    """A reflection from paper that is not flat: an uneven rim and a veil around it."""
    size = field.shape[::-1]
    raw = np.random.default_rng(rng.getrandbits(32)).standard_normal((9, 7), dtype=np.float32)
    waves = np.asarray(Image.fromarray(raw).resize(size, Image.Resampling.BICUBIC))
    veil = Image.fromarray(field.clip(0, 1)).resize((12, 16))
    wide = np.asarray(veil.resize(size, Image.Resampling.BICUBIC), np.float32)
    return np.asarray(np.maximum(field * (1 + 0.16 * waves), 0.5 * wide), np.float32)


def exposed(image: Image.Image, exposure: float, tint: tuple[float, float, float]) -> Image.Image:
    """The image brighter or darker and in the lamp's colour."""
    tables = [[min(255, round(v * exposure * part)) for v in range(256)] for part in tint]
    return image.point([value for table in tables for value in table])


@lru_cache(maxsize=4)
def tile(number: int) -> Field:
    """A square of sensor noise, a little blotchy as phones leave it."""
    raw = np.random.default_rng(number).standard_normal((1024, 1024, 3), dtype=np.float32)
    grey = raw.mean(2, keepdims=True) * 1.3 + raw * 0.35
    soft = grey + 0.6 * (np.roll(grey, 1, 0) + np.roll(grey, 1, 1) + np.roll(grey, (1, 1), (0, 1)))
    return np.asarray(soft / soft.std(), np.float32)


def noisy(image: Image.Image, sigma: float, rng: Random) -> Image.Image:
    """The image with sensor noise."""
    if sigma < 0.3:
        return image
    square = (128 + tile(rng.randrange(4)) * sigma).clip(0, 255).astype(np.uint8)
    square = np.roll(square, (rng.randrange(1024), rng.randrange(1024)), (0, 1))
    times = (-(-image.height // 1024), -(-image.width // 1024), 1)
    full = Image.fromarray(np.tile(square, times)[: image.height, : image.width])
    return ImageChops.add(image, full, 1, -128)


def folded(page: Image.Image, folds: str, rng: Random) -> Image.Image:
    """The page with the marks of having been folded: v, h, hh or both ways."""
    if not folds:
        return page
    w, h = page.size
    shade = np.full((h, w), 0.98, np.float32)
    if "v" in folds:
        shade *= crease(w, w * rng.uniform(0.46, 0.54), rng)[None, :]
    for part in CROSSWISE[folds.count("h")]:
        shade *= crease(h, h * (part + rng.uniform(-0.02, 0.02)), rng)[:, None]
    return lit(page, shade)


def crease(length: int, at: float, rng: Random) -> Field:
    """Light across a fold: one side brighter, a thin dark line between."""
    far = np.arange(length, dtype=np.float32) - at
    fade = rng.choice([1, 1, 0.5]) * np.exp(-np.abs(far) / (length * 0.12))
    side = np.where(far < 0, 0.02, -0.10) * fade
    return np.asarray(1 + side - 0.22 * np.exp(-((far / 2.2) ** 2)), np.float32)
