"""Small photographs drawn for tests: a printed page on a table, and what goes wrong with it."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from tests.files import photo

TABLE = (96, 62, 38)


@cache
def page(title: str = "Biopsy report") -> Image.Image:
    """A printed page of 1130 x 1600 pixels, white to its rim: as a scan would be."""
    return Image.open(io.BytesIO(photo(title))).convert("RGB")


def lying(sheet: Image.Image, at: tuple[int, int] = (110, 130)) -> Image.Image:
    """The sheet on a brown table of 1350 x 1860 pixels."""
    table = Image.new("RGB", (1350, 1860), TABLE)
    table.paste(sheet, at)
    return table


def shaken(image: Image.Image, far: int) -> Image.Image:
    """Moved sideways while the shutter was open."""
    total = image
    for step in range(1, far):
        moved = image.transform(image.size, Image.Transform.AFFINE, (1, 0, step, 0, 1, 0))
        total = Image.blend(total, moved, 1 / (step + 1))
    return total


def dazzled(image: Image.Image) -> Image.Image:
    """With a lamp mirrored on the writing."""
    dim = image.point([round(v * 0.8) for v in range(256)] * 3)
    spot = Image.new("L", image.size)
    ImageDraw.Draw(spot).ellipse((300, 500, 800, 1000), fill=255)
    soft = spot.filter(ImageFilter.GaussianBlur(25))
    return Image.composite(Image.new("RGB", image.size, (255, 255, 255)), dim, soft)


def dark(image: Image.Image) -> Image.Image:
    """With hardly any light."""
    return image.point([round(v * 0.1) for v in range(256)] * 3)


def sent(image: Image.Image, side: int, quality: int) -> Image.Image:
    """As a messenger sends it: smaller and compressed."""
    small, kept = image.copy(), io.BytesIO()
    small.thumbnail((side, side))
    small.save(kept, "JPEG", quality=quality)
    return Image.open(kept)
