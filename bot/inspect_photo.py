"""The look at a photo: whether it can be opened, and whether the page in it can be read."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from bot import sight
from bot.found import Found
from bot.photos import MOST_PIXELS, read_heic


def inspect_photo(file: BinaryIO, tries_before: int, form: sight.Form) -> Found:
    """Look at a photo of a `form`; never raises on a broken one."""
    read_heic()
    try:
        with Image.open(file) as image:
            if image.width * image.height > MOST_PIXELS:
                return Found("refused", "too_big")
            seen = sight.look(image, form)
    except Image.DecompressionBombError:
        return Found("refused", "too_big")
    except (UnidentifiedImageError, OSError, ValueError):
        return Found("refused", "unreadable")
    verdict, reason = sight.verdict(seen, tries_before)
    return Found(verdict, reason, measures=seen.measures, likeness=seen.likeness)
