"""A photograph as arrays: decoded no larger than needed, upright by its EXIF."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.uint8]

# Letters are measured on the large copy, the paper is looked for on the small one.
LEAST, MOST, SMALL = 1200, 1600, 400

cv2.setNumThreads(1)


@dataclass(frozen=True)
class Picture:
    """`large` and `small` are RGB; `scale` is sent pixels for one of `large`."""

    large: Bytes
    small: Bytes
    scale: float

    @property
    def ratio(self) -> float:
        """Pixels of `large` for one of `small`."""
        return float(self.large.shape[1] / self.small.shape[1])


def opened(image: Image.Image) -> Picture:
    """The picture in both sizes; raises what Pillow raises for a broken file."""
    sent = max(image.size)
    large = decoded(image)
    return Picture(large, shrunk(large, SMALL), sent / max(large.shape[:2]))


def decoded(image: Image.Image, least: int = LEAST, most: int = MOST) -> Bytes:
    """RGB with a long side of `least` to `most` pixels, or smaller if it was sent so."""
    part = max((k for k in (1, 2, 4, 8) if max(image.size) / k >= least), default=1)
    image.draft("RGB", (image.width // part, image.height // part))
    image.thumbnail((most, most), Image.Resampling.BOX)
    # Each copy of so large a picture is felt: none is made that is not needed.
    ImageOps.exif_transpose(image, in_place=True)
    rgb: Any = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    return np.ascontiguousarray(rgb, np.uint8)


def shrunk(rgb: Bytes, side: int) -> Bytes:
    """The picture with this long side."""
    height, width = rgb.shape[:2]
    part = side / max(height, width)
    size = (max(1, round(width * part)), max(1, round(height * part)))
    way = cv2.INTER_AREA if part < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8)
