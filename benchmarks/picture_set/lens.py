"""Out of focus and shaken."""

import math
from random import Random

from PIL import Image, ImageChops, ImageFilter


def blurred(image: Image.Image, sigma: float) -> Image.Image:
    """Out of focus by sigma pixels; wide blurs are made on a smaller copy."""
    if sigma < 0.25:
        return image
    shrink = max(1, int(sigma / 2.5))
    small = image.reduce(shrink) if shrink > 1 else image
    soft = small.filter(ImageFilter.GaussianBlur(sigma / shrink))
    return soft.resize(image.size, Image.Resampling.BILINEAR) if shrink > 1 else soft


def shaken(image: Image.Image, length: float, rng: Random) -> Image.Image:
    """Moved by length pixels while the shutter was open, along a path that bends."""
    if length < 1:
        return image
    angle, bend, reach = rng.uniform(0, math.pi), rng.uniform(-0.5, 0.5), length / 2
    while reach >= 0.5:
        dx, dy = round(reach * math.cos(angle)), round(reach * math.sin(angle))
        image = Image.blend(image, ImageChops.offset(image, dx, dy), 0.5)
        angle, reach = angle + bend, reach / 2
        bend = 0.0
    edge = math.ceil(length)
    return image.crop((edge, edge, image.width - edge, image.height - edge))
