"""The strip of a page from which a value was read, with a frame around the place."""

from collections.abc import Iterator, Sequence
from io import BytesIO

import pypdfium2
from PIL import Image, ImageDraw

from bot.review.binding.sheet import Sheet, Wanted
from nlu.report.page import Box

WIDE, QUALITY = 1100, 70
RED = (196, 30, 30)
# Enough to see the row above and the row below.
AROUND = 1.3
TALLEST = 0.25
# A sheet a hundred times as high as wide would fill the memory once it is WIDE.
NARROWEST = 12


def strips(sheets: Sequence[Sheet], wanted: Sequence[Wanted]) -> list[bytes]:
    """A JPEG for each place, empty where the page has none."""
    found: dict[Wanted, bytes] = {}
    for sheet, page in dict.fromkeys((one.sheet, one.page) for one in wanted):
        image = _page(sheets[sheet], page)
        for one in wanted:
            if image and (one.sheet, one.page) == (sheet, page):
                found[one] = b"".join(_strip(image, one.box))
    return [found.get(one, b"") for one in wanted]


def _page(sheet: Sheet, page: int) -> Image.Image | None:
    """The page upright, about WIDE pixels wide."""
    read = sheet.text.pages[page] if page < len(sheet.text.pages) else None
    image = _photo(sheet.data) if sheet.photographed else _printed(sheet.data, page)
    if image and read and read.turn:
        image = image.rotate(-read.turn, expand=True)
    if image and image.height > NARROWEST * image.width:
        return None
    if image:
        high = max(round(image.height * WIDE / image.width), 1)
        image = image.resize((WIDE, high), Image.Resampling.LANCZOS)
    return image


def _photo(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        image.draft("RGB", (WIDE, WIDE))
        return image.convert("RGB")


def _printed(data: bytes, page: int) -> Image.Image | None:
    pdf = pypdfium2.PdfDocument(data)
    try:
        if page >= len(pdf):
            return None
        width, height = (max(side, 1.0) for side in pdf[page].get_size())
        scale = min(WIDE / width, NARROWEST * WIDE / height, 4)
        found: Image.Image = pdf[page].render(scale=scale).to_pil()
        return found.convert("RGB")
    finally:
        pdf.close()


def _strip(image: Image.Image, box: Box) -> Iterator[bytes]:
    left, top, right, bottom = box
    room = (bottom - top) * AROUND
    # A box that a reading got wrong must not become a whole page.
    if not 0 < bottom - top <= TALLEST or not left < right:
        return
    over, under = max(top - room, 0.0), min(bottom + room, 1.0)
    cut = image.crop((0, int(over * image.height), image.width, int(under * image.height) + 1))
    high = (top - over) * image.height
    frame = (left * WIDE - 3, high - 2, right * WIDE + 3, high + (bottom - top) * image.height + 2)
    ImageDraw.Draw(cut).rectangle(frame, outline=RED, width=3)
    kept = BytesIO()
    cut.save(kept, "JPEG", quality=QUALITY)
    yield kept.getvalue()
