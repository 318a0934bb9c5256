"""Several pages in one picture, numbered: this is how we see them."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from bot.inspect_file import read_heic

# What a row of pages on a phone's screen can show.
WIDTH, GAP, ALONE, ACROSS = 1080, 16, 1, 3
PAPER, GROUND, MARK = (255, 255, 255), (226, 232, 228), (7, 94, 84)
RATIO = 1.3
QUALITY = 78


def sheet_task(_: dict[str, Any], files: Sequence[bytes]) -> tuple[None, list[bytes]]:
    """The pages in rows, each with its number, as one JPEG."""
    read_heic()
    out = io.BytesIO()
    sheet([_opened(file) for file in files]).save(out, "JPEG", quality=QUALITY)
    return None, [out.getvalue()]


def sheet(pages: Sequence[Image.Image]) -> Image.Image:
    """One picture of all pages; one page alone fills it."""
    across = min(len(pages), ACROSS)
    width = (WIDTH - GAP * (across + 1)) // across
    small = [_fitted(page, width) for page in pages]
    rows = [small[n : n + across] for n in range(0, len(small), across)]
    heights = [max(page.height for page in row) for row in rows]
    made = Image.new("RGB", (WIDTH, sum(heights) + GAP * (len(rows) + 1)), GROUND)
    y, number = GAP, 0
    for row, height in zip(rows, heights, strict=True):
        for column, page in enumerate(row):
            number += 1
            place = (GAP + column * (width + GAP), y)
            made.paste(page, place)
            if len(pages) > ALONE:
                _numbered(made, place, number)
        y += height + GAP
    return made


def _opened(file: bytes) -> Image.Image:
    """The page upright; a grey one where it cannot be opened."""
    try:
        image = Image.open(io.BytesIO(file))
        image.draft("RGB", (WIDTH * 2, WIDTH * 2))
        return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return Image.new("RGB", (WIDTH, int(WIDTH * RATIO)), (200, 200, 200))


def _fitted(page: Image.Image, width: int) -> Image.Image:
    page = ImageOps.contain(page, (width, int(width * RATIO * 1.2)), Image.Resampling.LANCZOS)
    card = Image.new("RGB", (width, page.height), PAPER)
    card.paste(page, ((width - page.width) // 2, 0))
    return card


def _numbered(made: Image.Image, place: tuple[int, int], number: int) -> None:
    draw, (x, y) = ImageDraw.Draw(made), place
    draw.ellipse((x + 8, y + 8, x + 72, y + 72), fill=MARK)
    font = ImageFont.load_default(40)
    draw.text((x + 40, y + 40), str(number), font=font, fill=PAPER, anchor="mm")
