"""The page as we see it: upright, flat, evenly lit; never sharpened, never black and white."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from bot.sight.flat import flattened, turned
from bot.sight.look import Seen
from bot.sight.picture import Bytes, Floats, decoded, shrunk

LONG, QUALITY = 1600, 80
COARSE, UNEVEN, MOST_GAIN = 64, 0.25, 3.0


@dataclass(frozen=True)
class Mended:
    """A JPEG, and what was done: turned, flattened, shadow."""

    jpeg: bytes
    done: tuple[str, ...]


def mend(image: Image.Image, seen: Seen, long: int = LONG) -> Mended:
    """Mend a photograph that was looked at; its longer side will have `long` pixels at most.

    Raises what Pillow raises for a broken file.
    """
    lying = image.getexif().get(0x0112, 1) not in (0, 1)
    page, done = decoded(image, long, round(1.3 * long)), ["turned"] if lying or seen.turn else []
    if seen.corners:
        page, done = flattened(page, seen.corners), [*done, "flattened"]
    page = turned(page, seen.turn)
    if max(page.shape[:2]) > long:
        page = shrunk(page, long)
    light = _light(page)
    if seen.corners and _uneven(light):
        page, done = _even(page, light), [*done, "shadow"]
    return Mended(_jpeg(page), tuple(done))


def _light(page: Bytes) -> Floats:
    """The paper's brightness (0 to 255) at each pixel, as it would be without the ink."""
    small = shrunk(page, COARSE * 4).max(2)
    bare = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    smooth = cv2.GaussianBlur(bare, (0, 0), 4)
    size = page.shape[1], page.shape[0]
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _uneven(light: Floats) -> bool:
    dark, bright = np.percentile(light[::8, ::8], (5, 95))
    return bool(dark < (1 - UNEVEN) * bright)


def _even(page: Bytes, light: Floats) -> Bytes:
    """Each place as bright as the brightest; dark bands of print are not taken for shadow."""
    top = float(np.percentile(light[::8, ::8], 95))
    gain = np.clip(top / np.maximum(light, 1), 1, MOST_GAIN)
    return np.asarray((page * gain[..., None]).clip(0, 255), np.uint8)


def _jpeg(page: Bytes) -> bytes:
    kept = io.BytesIO()
    Image.fromarray(page).save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
