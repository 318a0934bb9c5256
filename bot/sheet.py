"""Several pages in one picture, numbered: this is how we see them."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from bot.photos import read_heic

# What a row of pages on a phone's screen can show.
WIDTH, GAP, ACROSS, STRIP = 1080, 16, 3, 52
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
    """One picture of all pages; one page alone fills it, of several each has its number above."""
    across = min(len(pages), ACROSS)
    width = (WIDTH - GAP * (across + 1)) // across
    small = [_fitted(page, width) for page in pages]
    if len(pages) > 1:
        small = [_numbered(page, number) for number, page in enumerate(small, 1)]
    rows = [small[n : n + across] for n in range(0, len(small), across)]
    heights = [max(page.height for page in row) for row in rows]
    made = Image.new("RGB", (WIDTH, sum(heights) + GAP * (len(rows) + 1)), GROUND)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, page in enumerate(row):
            made.paste(page, (GAP + column * (width + GAP), y))
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


def _numbered(page: Image.Image, number: int) -> Image.Image:
    """The page below its number, of which nothing hides."""
    card = Image.new("RGB", (page.width, page.height + STRIP), MARK)
    card.paste(page, (0, STRIP))
    font = ImageFont.load_default(36)
    place = (page.width // 2, STRIP // 2)
    ImageDraw.Draw(card).text(place, str(number), font=font, fill=PAPER, anchor="mm")
    return card
