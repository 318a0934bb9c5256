"""Things that people photograph beside their papers: medicines and a meal."""

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.picture_set import scenery
from benchmarks.picture_set.fonts import Colour, Pen, write
from benchmarks.picture_set.scenery import CLOTHS, coloured, disc

SIZE = (900, 1200)
INKS = [(170, 40, 50), (40, 60, 140)]
PILLS = [(240, 240, 236), (226, 150, 160), (240, 200, 90)]
STEEL = (140, 140, 146)
BOWLS = [(300, 420, (214, 160, 50)), (520, 380, (110, 120, 50)), (680, 540, (150, 70, 40))]


def shaded(image: Image.Image, rng: Random, amount: float) -> Image.Image:
    """The drawing with soft edges and uneven light, so that it is not flat."""
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.6)), np.float32)
    clouds = 1 + amount * scenery.clouds(rng, image.size, (5, 6))
    return coloured(soft * (clouds + 0.02 * scenery.noise(rng, clouds.shape))[..., None], (1, 1, 1))


def table(ground: str, rng: Random) -> Image.Image:
    """What a thing lies on."""
    small = scenery.ground(ground, rng, (SIZE[0] * 2, SIZE[1] * 2))
    return scenery.enlarged(small, SIZE)


def drop(image: Image.Image, thing: Image.Image, angle: float) -> None:
    """Put a thing in the middle, turned."""
    turned = thing.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    place = ((SIZE[0] - turned.width) // 2, (SIZE[1] - turned.height) // 2)
    image.paste(turned, place, turned)


def medicine(rng: Random, ground: str) -> Image.Image:
    """A blister strip of tablets."""
    image, foil = table(ground, rng), Image.new("RGBA", (380, 860), (188, 190, 196, 255))
    draw, pill = ImageDraw.Draw(foil), rng.choice(PILLS)
    pen = Pen(px=20, bold=True, ink=rng.choice(INKS))
    for top in range(0, 860, 142):
        write(draw, (14, top + 24), "NONEXIST-500 TABLETS IP", pen)
        for x in (105, 275):
            tablet(draw, x, top + 90, pill)
    drop(image, foil, rng.uniform(-40, 40))
    return shaded(image, rng, 0.15)


def tablet(draw: ImageDraw.ImageDraw, x: int, y: int, pill: Colour) -> None:
    """A tablet under its blister."""
    disc(draw, x, y, 62, 46, (150, 152, 158))
    disc(draw, x - 3, y - 3, 52, 37, pill)
    disc(draw, x - 18, y - 16, 16, 8, (255, 255, 255))


def carton(rng: Random, ground: str) -> Image.Image:
    """A medicine box with its name in large letters."""
    image, colour = table(ground, rng), rng.choice(CLOTHS)
    box = Image.new("RGBA", (720, 400), (244, 244, 242, 255))
    draw = ImageDraw.Draw(box)
    draw.rectangle((0, 250, 720, 400), fill=colour)
    write(draw, (40, 130), "Fablomycin 250", Pen(px=74, bold=True, ink=colour))
    write(draw, (44, 200), "10 x 10 capsules  Rx only", Pen(px=32))
    drop(image, box, rng.uniform(-30, 30))
    return shaded(image, rng, 0.15)


def meal(rng: Random, ground: str) -> Image.Image:
    """A steel plate with rice, dal, vegetables and roti."""
    image = table(ground, rng)
    draw = ImageDraw.Draw(image)
    for reach, grey in ((420, 150), (400, 206), (372, 184)):
        disc(draw, 450, 600, reach, reach, (grey, grey, grey + 4))
    for x, y, food in BOWLS:
        disc(draw, x, y, 105, 105, STEEL)
        heap(draw, rng, (x, y, 92, 92), food)
    heap(draw, rng, (340, 730, 180, 130), (238, 236, 226))
    heap(draw, rng, (590, 760, 150, 145), (206, 160, 104))
    return shaded(image, rng, 0.15)


def heap(
    draw: ImageDraw.ImageDraw, rng: Random, place: tuple[int, int, int, int], food: Colour
) -> None:
    """Food with grains, pieces and burnt spots."""
    x, y, rx, ry = place
    disc(draw, x, y, rx, ry, food)
    for _ in range(120):
        angle, far, side = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random()), rng.uniform(3, 11)
        red, green, blue = (max(0, min(255, part + rng.randint(-46, 24))) for part in food)
        at = (x + 0.85 * far * rx * math.cos(angle), y + 0.85 * far * ry * math.sin(angle))
        disc(draw, *at, side, side * 0.6, (red, green, blue))
