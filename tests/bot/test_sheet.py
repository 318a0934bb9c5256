"""Pages in one picture: each there, numbered, upright, small enough for a slow network."""

import io

import pytest
from PIL import Image

from bot.sheet import WIDTH, sheet_task
from tests.files import photo


def made(*pages: bytes) -> Image.Image:
    _, (jpeg,) = sheet_task({}, pages)
    assert len(jpeg) < 600_000
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (600, 800)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(pixel, wanted, strict=True))  # type: ignore[call-overload]


RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 200, 30)


def test_one_page_fills_it() -> None:
    image = made(photo("Biopsy report"))
    assert image.width == WIDTH
    assert image.height > 1.2 * WIDTH


def test_pages_stand_in_their_order() -> None:
    image = made(plain(RED), plain(BLUE), plain(GREEN))
    third = WIDTH // 3
    for column, colour in enumerate((RED, BLUE, GREEN)):
        assert near(image.getpixel((column * third + third // 2, image.height // 2)), colour)


def test_a_number_hides_nothing_of_its_page() -> None:
    small, alone = made(plain(RED), plain(RED)), made(plain(RED))
    reds = [near(small.getpixel((WIDTH // 4, y)), RED) for y in range(small.height)]
    # As high as it is wide, by the shape of the page.
    assert sum(reds) == pytest.approx((WIDTH - 3 * 16) / 2 * 4 / 3, abs=8)
    assert near(alone.getpixel((WIDTH // 2, 24)), RED)


def test_twelve_pages_stand_in_four_rows() -> None:
    image = made(*[plain(RED)] * 11, plain(BLUE))
    assert near(image.getpixel((WIDTH * 5 // 6, image.height * 7 // 8)), BLUE)


def test_a_page_that_lies_is_shown_as_its_camera_meant_it() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 600), RED).save(out, "JPEG", exif=exif)
    assert made(out.getvalue()).height > WIDTH


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8\xff\xe0", b"not a picture"])
def test_a_page_that_cannot_be_opened_is_grey(broken: bytes) -> None:
    image = made(plain(RED), broken)
    assert near(image.getpixel((WIDTH * 3 // 4, image.height // 2)), (200, 200, 200))
