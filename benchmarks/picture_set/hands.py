"""Fingers that hold the paper at its edge."""

import math
from random import Random

import numpy as np
from PIL import Image

from benchmarks.picture_set.place import Array

SKINS = [(186, 134, 102), (154, 106, 78), (206, 156, 122), (126, 86, 62)]
NAIL = np.array([92, 74, 70], np.float32)


def finger(rng: Random, radius: float, length: float) -> Image.Image:
    """A finger pointing right, with its nail and its own soft shadow, on nothing."""
    y, x = np.mgrid[0 : round(4 * radius), 0 : round(length + 2 * radius)].astype(np.float32)
    along, across = x / radius, y / radius - 2
    tip = along[0, -1] - 1.5
    far = np.hypot(np.maximum(along - tip, 0), across - 0.12 * np.sin(along))
    nail = np.hypot((along - tip - 0.1) / 0.62, across / 0.5) < 1
    body = ((1 - far) * radius / 1.5).clip(0, 1)
    shade = 0.45 * np.exp(-((far - 0.7).clip(0) ** 2) * 7) * (1 - body)
    alpha = (body + shade).clip(0, 1)
    colour = skin(far, along, nail, rng) * (body / np.maximum(alpha, 1e-3))[..., None]
    return Image.fromarray(np.dstack([colour, alpha * 255]).clip(0, 255).astype(np.uint8))


def skin(far: Array, along: Array, nail: Array, rng: Random) -> Array:
    """Rounded by light and shade; the nail is paler."""
    light = 1.08 - 0.38 * far**2 + 0.05 * np.sin(along * 2.2)
    colour = np.array(rng.choice(SKINS), np.float32) * light.clip(0.35, 1.2)[..., None]
    return np.asarray(np.where(nail[..., None], colour * 0.6 + NAIL, colour))


def hold(picture: Image.Image, tip: Array, inward: Array, radius: float, rng: Random) -> None:
    """Put a finger whose tip is at a place and which points inward."""
    angle = -math.degrees(math.atan2(inward[1], inward[0])) + rng.uniform(-18, 18)
    image = finger(rng, radius, radius * rng.uniform(11, 15))
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    reach, turn = image.width / 2 - 0.5 * radius, math.radians(angle)
    x = tip[0] - reach * math.cos(turn) - turned.width / 2
    y = tip[1] + reach * math.sin(turn) - turned.height / 2
    picture.paste(turned, (round(x), round(y)), turned)
