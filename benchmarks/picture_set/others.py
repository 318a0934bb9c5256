"""Pictures that show no document: a face, a wall, a room, a greeting, an empty page."""

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.picture_set import things
from benchmarks.picture_set.fonts import Colour, Pen, width, write
from benchmarks.picture_set.hands import SKINS
from benchmarks.picture_set.scenery import CLOTHS, disc
from benchmarks.picture_set.things import SIZE, shaded, table

WALLS = [(214, 206, 180), (170, 200, 196), (226, 196, 190), (190, 204, 224), (232, 230, 220)]
DARK, WHITE, FRAME = (24, 20, 20), (238, 238, 232), (120, 90, 60)


def wall(rng: Random, ground: str) -> Image.Image:
    """A wall, sometimes with a switchboard."""
    image = Image.new("RGB", SIZE, rng.choice(WALLS))
    if rng.random() < 0.5:
        switches(ImageDraw.Draw(image), rng.randint(100, 500), rng.randint(200, 700))
    return shaded(image, rng, 0.06)


def switches(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """A board with four switches."""
    draw.rectangle((x, y, x + 260, y + 170), WHITE, (150, 150, 148), 3)
    for left in range(x + 20, x + 240, 58):
        draw.rectangle((left, y + 45, left + 42, y + 125), (250, 250, 246), (170, 170, 168), 3)


def blank_paper(rng: Random, ground: str) -> Image.Image:
    """The empty back of a page."""
    image, slant = table(ground, rng), rng.randint(0, 60)
    points = [(90, 80), (820, 60 + slant), (840, 1120), (130 - slant, 1140)]
    ImageDraw.Draw(image).polygon(points, fill=(240, 239, 234))
    return shaded(image, rng, 0.05)


def face(rng: Random, ground: str) -> Image.Image:
    """Somebody looking into the camera."""
    image, skin = Image.new("RGB", SIZE, rng.choice(WALLS)), rng.choice(SKINS)
    draw, x, y = ImageDraw.Draw(image), 450 + rng.randint(-60, 60), 520 + rng.randint(-60, 60)
    deep = (round(skin[0] * 0.8), round(skin[1] * 0.8), round(skin[2] * 0.8))
    disc(draw, x, y + 760, 430, 380, rng.choice(CLOTHS))
    disc(draw, x, y - 90, 265, 310, DARK)
    draw.rectangle((x - 90, y + 200, x + 90, y + 430), fill=deep)
    disc(draw, x, y, 225, 300, skin)
    features(draw, x, y, deep)
    return shaded(image.filter(ImageFilter.GaussianBlur(3)), rng, 0.22)


def features(draw: ImageDraw.ImageDraw, x: int, y: int, deep: Colour) -> None:
    """Eyes, ears, nose and mouth."""
    for side in (-1, 1):
        eye(draw, x + side * 92, y - 40)
        disc(draw, x + side * 228, y, 26, 60, deep)
    nose = [(x - 4, y - 20), (x - 26, y + 86), (x + 18, y + 92)]
    draw.line(nose, fill=deep, width=9, joint="curve")
    disc(draw, x, y + 168, 78, 22, (150, 74, 74))


def eye(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """An eye and its brow."""
    disc(draw, x, y, 44, 22, (236, 232, 228))
    disc(draw, x, y, 20, 21, (60, 38, 26))
    disc(draw, x + 5, y - 5, 5, 5, (250, 250, 250))
    draw.arc((x - 62, y - 74, x + 62, y + 10), 200, 340, fill=DARK, width=14)


def room(rng: Random, ground: str) -> Image.Image:
    """A ward with a bed and a window."""
    image, floor = Image.new("RGB", SIZE, rng.choice(WALLS)), rng.randint(720, 820)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, floor, 900, 1200), fill=(150, 140, 128))
    for n in range(-9, 9):
        draw.line((450 + n * 60, floor, 450 + n * 260, 1200), fill=(120, 112, 102), width=4)
    draw.rectangle((520, 180, 800, 520), (236, 244, 250), FRAME, 16)
    draw.line((660, 180, 660, 520), fill=FRAME, width=12)
    bed(draw, floor, rng.choice(CLOTHS))
    return shaded(image, rng, 0.2)


def bed(draw: ImageDraw.ImageDraw, floor: int, sheet: Colour) -> None:
    """A bed with a pillow, seen from its foot."""
    top = floor - 120
    draw.polygon([(60, top), (560, top), (640, 1080), (20, 1080)], fill=sheet)
    draw.polygon([(80, top - 50), (300, top - 50), (310, top + 60), (70, top + 60)], fill=WHITE)
    draw.rectangle((40, top - 140, 62, 1120), fill=(90, 90, 94))


def greeting(rng: Random, ground: str) -> Image.Image:
    """A good-morning card such as families forward."""
    ramp = np.linspace(0, 1, SIZE[1])[:, None, None]
    top, low = (np.array(rng.choice(CLOTHS + WALLS)) for _ in range(2))
    field = np.broadcast_to(top * (1 - ramp) + low * ramp, (SIZE[1], SIZE[0], 3))
    image = Image.fromarray(field.astype(np.uint8))
    disc(ImageDraw.Draw(image), 450, 860, 210, 210, (250, 196, 80))
    for text, y in ((rng.choice(["Good Morning", "Happy Sunday"]), 260), ("सुप्रभात", 420)):
        pen = Pen(px=108, bold=True, ink=(255, 250, 240))
        write(ImageDraw.Draw(image), ((900 - width(text, pen)) / 2, y), text, pen)
    return image


SCENES: dict[str, Callable[[Random, str], Image.Image]] = {
    "wall": wall,
    "blank_paper": blank_paper,
    "face": face,
    "medicine": things.medicine,
    "carton": things.carton,
    "meal": things.meal,
    "room": room,
    "greeting": greeting,
}


def scene(kind: str, ground: str, rng: Random, size: tuple[int, int]) -> Image.Image:
    """One such picture at the camera's size."""
    return SCENES[kind](rng, ground).resize(size, Image.Resampling.BICUBIC)
