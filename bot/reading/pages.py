"""The pages of a stored file: pictures to be read, or the text that a PDF carries already."""

import io
from collections.abc import Iterator
from itertools import islice

import pypdfium2 as pdfium
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.photos import MOST_PIXELS, read_heic
from bot.reading.engine import shares
from nlu.report.page import Line, PageText
from storage.documents_mime import PHOTOS

MOST_PAGES = 30
DPI, POINTS = 200, 72
# No engine finds more in a larger picture; a poster of a PDF would take all memory.
SIDE = 3000
# With fewer letters a text layer is a stamp or a page number on a scan.
LEAST_LETTERS = 60
# A picture over so much of the page is a scan, and the text on it some other machine's guess.
SCAN = 0.75
BROKEN = (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError)


def pages_of(data: bytes, mime: str) -> Iterator[Image.Image | PageText]:
    """Up to 30 pages of a photo or a PDF; none of a file that cannot be opened."""
    if mime == "application/pdf":
        yield from islice(_pdf(data), MOST_PAGES)
    elif mime in PHOTOS:
        yield from _photo(data)


def _photo(data: bytes) -> Iterator[Image.Image]:
    read_heic()
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height <= MOST_PIXELS:
                # JPEG can be unpacked smaller at once.
                image.draft("RGB", (SIDE, SIDE))
                upright = ImageOps.exif_transpose(image).convert("RGB")
                upright.thumbnail((SIDE, SIDE))
                yield upright
    except BROKEN:
        return


def _pdf(data: bytes) -> Iterator[Image.Image | PageText]:
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return
    try:
        for page in pdf:
            yield _text(page) or _rendered(page)
    except pdfium.PdfiumError:
        return
    finally:
        pdf.close()


def _rendered(page: pdfium.PdfPage) -> Image.Image:
    scale = min(DPI / POINTS, SIDE / max(page.get_size()))
    picture: Image.Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")


def _text(page: pdfium.PdfPage) -> PageText | None:
    """The text layer with its places; none on a scan, nor where the page is shown turned."""
    layer = page.get_textpage()
    letters = sum(char.isalnum() for char in layer.get_text_range())
    if letters < LEAST_LETTERS or page.get_rotation() or _is_scan(page):
        return None
    width, height = page.get_size()
    rects = (layer.get_rect(at) for at in range(layer.count_rects()))
    lines = [line for rect in rects if (line := _line(layer, rect, page))]
    return PageText(tuple(lines), 0, "text", round(width), round(height))


def _line(
    layer: pdfium.PdfTextPage, rect: tuple[float, float, float, float], page: pdfium.PdfPage
) -> Line | None:
    """PDF counts upward from the lower left corner of what is shown."""
    left, bottom, right, top = rect
    text = " ".join(layer.get_text_bounded(left, bottom, right, top).split())
    width, height = page.get_size()
    first, low = _corner(page)
    high = low + height
    box = shares(left - first, high - top, right - first, high - bottom, width, height)
    return Line(text, box) if text else None


def _corner(page: pdfium.PdfPage) -> tuple[float, float]:
    """The lower left corner of what is shown, whose ever its boxes are."""
    shown = pdfium.raw.FS_RECTF()
    pdfium.raw.FPDF_GetPageBoundingBox(page, shown)
    return float(shown.left), float(shown.bottom)


def _is_scan(page: pdfium.PdfPage) -> bool:
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    return any(
        (right - left) * (top - bottom) > SCAN * width * height
        for left, bottom, right, top in (picture.get_bounds() for picture in pictures)
    )
