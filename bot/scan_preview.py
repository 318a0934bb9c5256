"""A small JPEG of a scan picture, made of its pixels alone: nothing of its tags goes along."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array

from bot.inspect_dicom import BROKEN, is_dicom
from bot.inspect_zip import DAMAGED
from bot.zip_table import Trap, opened

EDGE = 1024
MOST_PIXELS, MOST_FILE = 40_000_000, 64 * 1024 * 1024
LOOKED_AT = 20


def preview_task(given: dict[str, Any], file: BinaryIO) -> tuple[bool, Sequence[bytes]]:
    """The preview as a workshop's task: `mime` is given; whether there is one, and it."""
    made = from_zip(file) if given["mime"] == "application/zip" else preview(file)
    return bool(made), [made] if made else []


def from_zip(file: BinaryIO) -> bytes:
    """The preview of a picture in the middle of a CD; empty where none can be made."""
    try:
        with opened(file) as box:
            files = [each for each in box.infolist() if 4096 < each.file_size < MOST_FILE]
            for entry in files[len(files) // 2 :][:LOOKED_AT]:
                data = box.read(entry)
                if is_dicom(data) and (made := preview(io.BytesIO(data))):
                    return made
    except (Trap, *DAMAGED, *BROKEN):
        return b""
    return b""


def preview(file: BinaryIO) -> bytes:
    """A JPEG of at most EDGE pixels on its longer side, of the middle frame.

    Empty where the pixels are packed in a way that needs more than pydicom and Pillow.
    """
    try:
        found = pydicom.dcmread(file, stop_before_pixels=True)
        if not 0 < found.Rows * found.Columns <= MOST_PIXELS:
            return b""
        frames = int(found.get("NumberOfFrames") or 1)
        file.seek(0)
        pixels = pixel_array(file, index=frames // 2)
        return _jpeg(Image.fromarray(_eight_bit(pixels, found)))
    except (*BROKEN, RuntimeError, zipfile.BadZipFile):
        return b""


def _eight_bit(pixels: NDArray[Any], found: pydicom.Dataset) -> NDArray[np.uint8]:
    """Rows by columns, by three where it is in colours; 0 is black."""
    if pixels.ndim == 3:
        return pixels.astype(np.uint8) if pixels.dtype == np.uint8 else _spread(pixels)
    seen = apply_voi_lut(apply_modality_lut(pixels, found), found)
    shown = _spread(seen, found)
    return 255 - shown if found.get("PhotometricInterpretation") == "MONOCHROME1" else shown


def _spread(pixels: NDArray[Any], found: pydicom.Dataset | None = None) -> NDArray[np.uint8]:
    """From black to white. Without a window of its own, what is rare counts little."""
    windowed = found is not None and ("WindowWidth" in found or "VOILUTSequence" in found)
    low, high = np.percentile(pixels, (0, 100) if windowed else (1, 99))
    scaled = (pixels.astype(np.float32) - low) / max(high - low, 1e-6)
    return np.asarray(np.clip(scaled, 0, 1) * 255, dtype=np.uint8)


def _jpeg(image: Image.Image) -> bytes:
    image.thumbnail((EDGE, EDGE))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=85)
    return kept.getvalue()
