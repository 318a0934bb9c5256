"""A photo as an upright JPEG that a page of a PDF can carry."""

from io import BytesIO

from PIL import ExifTags, Image, ImageOps

from bot.photos import MOST_PIXELS, read_heic
from bot.review.binding.sheet import Unusable

# 200 dots an inch on the long side of an A4 page; a JPEG this small stays as it is.
LONGEST, LIGHT = 2400, 1_500_000
QUALITY = 85


def upright(data: bytes) -> bytes:
    """The photo as its taker saw it, RGB or grey; the same bytes where nothing is to do.

    Raises Unusable where it is no picture or too large a one.
    """
    read_heic()
    try:
        with Image.open(BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unusable("large")
            return data if _fits(image, data) else _redone(image)
    except Image.DecompressionBombError:
        raise Unusable("large") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Unusable("broken") from None


def _fits(image: Image.Image, data: bytes) -> bool:
    plain = image.format == "JPEG" and image.mode in ("RGB", "L") and len(data) <= LIGHT
    if not plain or image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        return False
    # A torn file opens; only decoding shows it.
    image.load()
    return True


def _redone(image: Image.Image) -> bytes:
    image.draft("RGB", (LONGEST, LONGEST))
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    kept = BytesIO()
    _on_white(turned).save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L"):
        return image
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
