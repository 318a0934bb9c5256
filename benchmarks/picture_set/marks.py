"""Stamps, signatures and barcodes."""

import math
from random import Random

from PIL import Image, ImageDraw

from benchmarks.picture_set.fonts import Colour, Pen, font, width, write
from benchmarks.picture_set.strips import WHITE, blank

STAMP_INKS = [(96, 60, 150), (60, 70, 160), (150, 50, 80)]
PENS = [(25, 40, 130), (30, 30, 40)]


def signature(rng: Random, wide: int = 260, high: int = 90) -> Image.Image:
    """A quick scrawl in pen."""
    image, ink = blank(wide * 2, high * 2), rng.choice(PENS)
    speed, lean = rng.uniform(9, 15), rng.uniform(0.2, 0.5)
    points = [scrawl(step / 160, wide, high, speed, lean) for step in range(160)]
    ImageDraw.Draw(image).line(points, fill=ink, width=5, joint="curve")
    return image.resize((wide, high), Image.Resampling.LANCZOS)


def scrawl(t: float, wide: int, high: int, speed: float, lean: float) -> tuple[float, float]:
    """Where the pen is at time t from 0 to 1."""
    x = wide * (0.1 + 1.7 * t) + high * lean * math.sin(speed * 2.1 * t)
    swing = (0.75 - 0.5 * t) * math.sin(speed * 2 * t + lean) * math.cos(5 * t)
    return x, high * (1 + swing)


def stamp(words: str, rng: Random, side: int = 250) -> Image.Image:
    """A round rubber stamp, turned a little and not too dark."""
    image, ink = blank(side * 2, side * 2), rng.choice(STAMP_INKS)
    rings(image, ink, side)
    around(image, words.upper()[:26], Pen("noto-sans", side // 7, True, ink), side)
    turned = image.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC, fillcolor=WHITE)
    small = turned.resize((side, side), Image.Resampling.LANCZOS)
    return Image.blend(blank(side, side), small, 0.62)


def rings(image: Image.Image, ink: Colour, side: int) -> None:
    """Two circles and a word in the middle."""
    draw, pen = ImageDraw.Draw(image), Pen("noto-sans", side // 6, True, ink)
    for inset, line in ((8, 8), (side // 3, 4)):
        far = side * 2 - inset
        draw.ellipse((inset, inset, far, far), outline=ink, width=line)
    write(draw, (side - width("VERIFIED", pen) / 2, side * 1.06), "VERIFIED", pen)


def around(image: Image.Image, text: str, pen: Pen, side: int) -> None:
    """Letters along the rim."""
    for place, letter in enumerate(text):
        angle = -140 + 280 * place / max(1, len(text) - 1)
        tile = Image.new("L", (pen.px * 2, pen.px * 2))
        ImageDraw.Draw(tile).text((pen.px, pen.px), letter, 255, font(pen, "latin"), anchor="mm")
        x = side + 0.83 * side * math.sin(math.radians(angle)) - pen.px
        y = side - 0.83 * side * math.cos(math.radians(angle)) - pen.px
        image.paste(pen.ink, (round(x), round(y)), tile.rotate(-angle, Image.Resampling.BICUBIC))


def barcode(rng: Random, wide: int = 260, high: int = 54) -> Image.Image:
    """Bars that say nothing."""
    image, x = blank(wide, high), 6
    draw = ImageDraw.Draw(image)
    while x < wide - 8:
        bar = rng.choice([2, 2, 3, 5])
        draw.rectangle((x, 0, x + bar - 1, high), fill=(20, 20, 20))
        x += bar + rng.choice([2, 3, 4])
    return image
