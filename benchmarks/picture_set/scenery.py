"""What the paper lies on: tables, bedsheets, stone."""

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.picture_set.fonts import Colour
from benchmarks.picture_set.place import Array

Size = tuple[int, int]
SHRINK = 4
WOODS = [(142, 96, 58), (98, 62, 40), (176, 132, 88), (120, 84, 62)]
CLOTHS = [
    (168, 60, 70), (70, 96, 150), (210, 190, 160), (88, 130, 104), (214, 206, 214), (190, 120, 60),
]  # fmt: skip
PENS = [(30, 40, 120), (20, 20, 22), (190, 40, 40)]
SHEETS = [(216, 178, 96), (240, 238, 232), (90, 130, 170)]
STONES = [(150, 146, 142), (92, 92, 96), (196, 190, 182), (120, 100, 92)]


def noise(rng: Random, shape: tuple[int, ...]) -> Array:
    """Standard normal values."""
    return np.random.default_rng(rng.getrandbits(32)).standard_normal(shape, dtype=np.float32)


def clouds(rng: Random, size: Size, cells: tuple[int, int]) -> Array:
    """Smooth random values, about -1 to 1."""
    small = Image.fromarray(noise(rng, (cells[1], cells[0])))
    return np.asarray(small.resize(size, Image.Resampling.BICUBIC), np.float32) * 0.6


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, c: Colour) -> None:
    """An ellipse of a colour about a middle."""
    draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=c)


def coloured(shade: Array, colour: Colour) -> Image.Image:
    """A shade around 1 of one colour as an image."""
    values = (shade if shade.ndim == 3 else shade[..., None]) * np.array(colour, np.float32)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def wood(rng: Random, size: Size) -> Image.Image:
    """A table top with grain and joints."""
    y = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    rings = np.sin(rng.uniform(30, 70) * (y + 0.08 * clouds(rng, size, (3, 6))))
    streaks = clouds(rng, size, (6, size[1] // 2))
    joints = 1 - 0.5 * (np.abs((y * rng.choice([1, 3, 4]) + 0.3) % 1 - 0.5) < 0.004)
    return coloured((1 + 0.07 * rings + 0.09 * streaks) * joints, rng.choice(WOODS))


def wrinkles(rng: Random, size: Size) -> Array:
    """Folds of a cloth as light and dark."""
    return 1 + 0.10 * clouds(rng, size, (5, 4)) + 0.05 * clouds(rng, size, (16, 12))


def checks(rng: Random, size: Size) -> Image.Image:
    """A checked or striped bedsheet."""
    step = size[0] / rng.randint(7, 20)
    x, y = np.arange(size[0])[None, :] / step, np.arange(size[1])[:, None] / step
    lines = (x % 1 < 0.45).astype(np.float32) + (y % 1 < 0.45) * rng.choice([0, 1, 1])
    weave = 0.04 * noise(rng, (size[1], size[0]))
    return coloured(wrinkles(rng, size) * (1.12 - 0.22 * lines + weave), rng.choice(CLOTHS))


def flowers(rng: Random, size: Size) -> Image.Image:
    """A bedsheet with printed flowers."""
    image, petal = Image.new("RGB", size, rng.choice(CLOTHS)), rng.choice(CLOTHS)
    reach = size[0] // rng.randint(18, 34)
    for _ in range(90):
        flower(ImageDraw.Draw(image), rng.randrange(size[0]), rng.randrange(size[1]), reach, petal)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), np.float32)
    return coloured(soft * wrinkles(rng, size)[..., None], (1, 1, 1))


def flower(draw: ImageDraw.ImageDraw, x: float, y: float, reach: float, petal: Colour) -> None:
    """Four petals and a heart."""
    for dx, dy in ((-0.6, 0), (0.6, 0), (0, -0.6), (0, 0.6)):
        disc(draw, x + dx * reach, y + dy * reach, reach / 2, reach / 2, petal)
    disc(draw, x, y, reach / 3, reach / 3, (226, 190, 70))


def stone(rng: Random, size: Size) -> Image.Image:
    """Granite, terrazzo or cement."""
    speckle = 0.10 * noise(rng, (size[1], size[0])) + 0.06 * clouds(rng, size, (60, 80))
    return coloured(1 + speckle + 0.05 * clouds(rng, size, (4, 5)), rng.choice(STONES))


def cloth(rng: Random, size: Size) -> Image.Image:
    """A plain sheet or a lap."""
    return coloured(wrinkles(rng, size) + 0.03 * noise(rng, (size[1], size[0])), rng.choice(CLOTHS))


def desk(rng: Random, size: Size) -> Image.Image:
    """A smooth laminate, sometimes nearly as white as the paper."""
    grey = rng.choice([(222, 220, 214), (200, 202, 206), (236, 234, 228), (60, 62, 66)])
    return coloured(1 + 0.02 * clouds(rng, size, (4, 5)), grey)


GROUNDS: dict[str, Callable[[Random, Size], Image.Image]] = {
    "wood": wood,
    "checks": checks,
    "flowers": flowers,
    "stone": stone,
    "cloth": cloth,
    "desk": desk,
}


def litter(image: Image.Image, rng: Random) -> None:
    """A pen or the edge of another, blank thing beside the paper."""
    draw, (w, h) = ImageDraw.Draw(image), image.size
    x, y, reach = rng.choice([0, w]), rng.randrange(h), h * rng.uniform(0.15, 0.3)
    if rng.random() < 0.5:
        end = (x + rng.uniform(-1, 1) * reach, y + reach)
        draw.line((x, y, *end), rng.choice(PENS), max(4, w // 45))
    else:
        left, right = x - reach, x + reach
        shape = [(left, y - reach / 3), (right, y), (right, y + reach), (left, y + reach / 2)]
        draw.polygon(shape, rng.choice(SHEETS))


def ground(kind: str, rng: Random, size: Size) -> Image.Image:
    """A ground, SHRINK times smaller than the picture."""
    small = GROUNDS[kind](rng, (size[0] // SHRINK, size[1] // SHRINK))
    if rng.random() < 0.35:
        litter(small, rng)
    return small


def enlarged(small: Image.Image, size: Size) -> Image.Image:
    """A ground as large as the picture, a little out of focus like the real one."""
    return small.resize(size, Image.Resampling.BILINEAR)
