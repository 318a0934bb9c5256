"""A simulated photograph of a page."""

import io
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image

from benchmarks.picture_set import ink, lens, light
from benchmarks.picture_set.place import Array
from benchmarks.picture_set.render import Page
from benchmarks.picture_set.scene import Laid, Scene, as_held, scene
from benchmarks.picture_set.shots import Shot

NOWHERE = np.zeros((0, 2))
UPRIGHT_BY_EXIF = 6


@dataclass(frozen=True)
class Photo:
    """The file's bytes and what is known of it; `lost` is the share of ink not to be seen."""

    jpeg: bytes
    size: tuple[int, int]
    corners: list[list[int]]
    em: float
    lost: float


def take(pages: list[Page], shot: Shot, rng: Random) -> Photo:
    """The photograph of the last of the pages (the others lie below or beside it)."""
    shot = as_held(pages[-1], shot)
    seen = scene(pages, shot, rng)
    image, lost = shine(seen, shot, rng)
    image = lens.blurred(image, shot.blur * seen.em)
    image = lens.shaken(image, shot.motion * seen.em, rng)
    image = light.noisy(image, shot.noise, rng)
    if seen.laid:
        lost = max(lost, ink.outside(seen.laid.page, seen.laid.matrix, shot.size))
    return develop(image, seen, shot, lost)


def shine(seen: Scene, shot: Shot, rng: Random) -> tuple[Image.Image, float]:
    """The scene in its light, and how much ink a reflection hides."""
    image = light.lit(seen.image, light.shading(shot.size, shot.shadow, rng))
    image = light.exposed(image, shot.exposure, shot.tint)
    if shot.defect == "glare" and seen.laid:
        return dazzled(image, seen.laid, shot, rng)
    if shot.glare:
        centre = np.array([rng.random() * side for side in shot.size])
        radii = np.array([rng.uniform(0.15, 0.4) * shot.size[0] for _ in range(2)])
        image = light.shone(image, light.spot(shot.size, centre, radii, shot.glare))
    return image, 0.0


def dazzled(image: Image.Image, laid: Laid, shot: Shot, rng: Random) -> tuple[Image.Image, float]:
    """The image with a reflection that hides text, and the share it hides."""
    centre, radii, lost = hot_spot(laid.page, shot, rng)
    spot = light.spot(shot.size, centre, radii, light.BLINDING, np.linalg.inv(laid.matrix))
    return light.shone(image, light.ragged(spot, rng)), lost


def hot_spot(page: Page, shot: Shot, rng: Random) -> tuple[Array, Array, float]:
    """A reflection on the text, large enough to hide the wanted share of it."""
    places, weights = ink.ink(page)
    shape = np.array([1.0, rng.uniform(0.6, 1.3)] if shot.how == "lamp" else [0.55, 1.8])
    tries = [places[rng.randrange(len(places))] for _ in range(5)]
    fars = [(((places - centre) / shape) ** 2).sum(1) for centre in tries]
    needs = [ink.first(far, weights, shot.strength) / light.BLOWN for far in fars]
    best = int(np.argmin(needs))
    reach = max(needs[best] ** 0.5, 0.09 * page.image.width)
    lost = ink.share_of(weights, fars[best] < reach**2 * light.BLOWN)
    return tries[best], reach * shape, lost


def develop(image: Image.Image, seen: Scene, shot: Shot, lost: float) -> Photo:
    """The file as it is sent."""
    quad = seen.laid.quad - (shot.size[0] - image.width) / 2 if seen.laid else NOWHERE
    ratio = min(1.0, shot.sent / max(image.size)) if shot.sent else 1.0
    image = smaller(image, ratio)
    quad = turned(quad * ratio, image.size, shot.turn)
    if shot.turn:
        image = image.transpose(Image.Transpose[f"ROTATE_{shot.turn}"])
    corners = [[round(x), round(y)] for x, y in quad.tolist()]
    em = round(seen.em * ratio, 1) if seen.laid else 0.0
    return Photo(jpeg(image, shot), image.size, corners, em, round(lost, 3))


def smaller(image: Image.Image, ratio: float) -> Image.Image:
    """As a messenger sends it."""
    size = (round(image.width * ratio), round(image.height * ratio))
    return image if ratio == 1 else image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def turned(quad: Array, size: tuple[int, int], turn: int) -> Array:
    """Places in a picture of the size after it was turned counter-clockwise."""
    w, h = size
    x, y = quad[:, 0], quad[:, 1]
    ways = {0: (x, y), 90: (y, w - x), 180: (w - x, h - y), 270: (h - y, x)}
    return np.stack(ways[turn], 1)


def jpeg(image: Image.Image, shot: Shot) -> bytes:
    """The bytes; some cameras store the picture lying and say so in EXIF."""
    out, exif = io.BytesIO(), Image.Exif()
    if shot.exif:
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = UPRIGHT_BY_EXIF
    image.save(out, "JPEG", quality=shot.quality, exif=exif)
    return out.getvalue()
