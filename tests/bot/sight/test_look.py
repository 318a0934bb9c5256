"""What a look at one photograph says, on pages drawn for it."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFilter

from bot.sight import look
from bot.sight.look import Form
from tests.bot.sight.drawn import dark, dazzled, lying, page, sent, shaken

Make = Callable[[], Image.Image]

WHITER = [min(255, value + 13) for value in range(256)] * 3
GOOD: list[tuple[str, Make]] = [
    ("a page on a table", lambda: lying(page())),
    ("a scan or a screenshot: white to the rim", page),
    ("as WhatsApp sends it", lambda: sent(lying(page()), 1600, 55)),
    ("as Telegram sends it", lambda: sent(lying(page()), 1280, 75)),
    ("on its side", lambda: lying(page()).transpose(Image.Transpose.ROTATE_90)),
    (
        "a screenshot on pure white",
        lambda: page().point([min(255, v + 13) for v in range(256)] * 3),
    ),
]
BAD: list[tuple[str, Make, str]] = [
    ("out of focus", lambda: lying(page()).filter(ImageFilter.GaussianBlur(6)), "blurred"),
    ("shaken", lambda: shaken(lying(page()), 24), "shaken"),
    ("no light", lambda: dark(lying(page())), "dark"),
    ("a lamp on it", lambda: lying(dazzled(page())), "glare"),
    ("a thumbnail", lambda: sent(lying(page()), 320, 80), "small"),
    ("left side outside", lambda: lying(page(), (-220, 130)), "cut_off_left"),
    ("right side outside", lambda: lying(page(), (440, 130)), "cut_off_right"),
    ("top outside", lambda: lying(page(), (110, -300)), "cut_off_top"),
    ("bottom outside", lambda: lying(page(), (110, 560)), "cut_off_bottom"),
    ("an empty sheet", lambda: lying(Image.new("RGB", (1130, 1600), (240, 240, 236))), "empty"),
    ("a plain wall", lambda: Image.new("RGB", (1200, 1600), (200, 190, 180)), "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("make"), [make for _, make in GOOD], ids=[name for name, _ in GOOD])
def test_a_readable_page_has_no_fault(make: Make) -> None:
    assert look(make()).fault == ""


@pytest.mark.parametrize(
    ("make", "fault"), [(make, why) for _, make, why in BAD], ids=[name for name, _, _ in BAD]
)
def test_what_is_wrong_is_named(make: Make, fault: str) -> None:
    assert look(make()).fault == fault


def test_two_pages_beside_each_other() -> None:
    table = Image.new("RGB", (2400, 1700), (96, 62, 38))
    for x, title in ((60, "CT"), (1230, "Biopsy")):
        table.paste(page(title).resize((1100, 1558)), (x, 70))
    assert look(table).fault == "two_pages"


def test_a_cut_names_its_side() -> None:
    assert look(lying(page(), (440, 130))).side == "right"
    assert look(lying(page())).side == ""


@pytest.mark.parametrize("size", [(1, 1), (2000, 3), (6, 2000), (40, 3), (9000, 700), (20, 20)])
@pytest.mark.parametrize("form", ["page", "film"])
def test_a_strip_is_too_small(size: tuple[int, int], form: Form) -> None:
    for turned in (size, size[::-1]):
        assert look(Image.new("RGB", turned, (240, 240, 230)), form).fault == "small"


@pytest.mark.parametrize("size", [(32, 32), (384, 32), (9600, 800), (1200, 100), (700, 60)])
def test_no_picture_is_too_narrow_to_be_looked_at(size: tuple[int, int]) -> None:
    for turned in (size, size[::-1]):
        drawn = Image.new("RGB", turned, (240, 240, 230))
        ImageDraw.Draw(drawn).text((0, 0), "A fictional report", fill=(0, 0, 0), font_size=20)
        assert look(drawn.copy()).fault
        assert look(drawn, "film").measures


def test_a_film_needs_no_letters() -> None:
    film = Image.new("RGB", (1200, 1500), (30, 32, 36))
    ImageDraw.Draw(film).ellipse((300, 300, 900, 1200), fill=(150, 152, 158))
    assert look(film, "film").fault == ""
    assert look(film, "lesion").fault == ""
    assert look(film).fault != ""
    assert look(dark(dark(film)), "film").fault == "dark"


@pytest.mark.parametrize("turn", [0, 90])
def test_which_way_the_lines_run(turn: int) -> None:
    assert look(lying(page()).rotate(turn, expand=True)).turn % 180 == turn


def test_corners_of_the_paper() -> None:
    found = look(lying(page())).corners
    assert found
    wanted = [(110, 130), (1240, 130), (1240, 1730), (110, 1730)]
    for (x, y), (left, top) in zip(found, wanted, strict=True):
        assert abs(x * 1350 - left) < 20
        assert abs(y * 1860 - top) < 20
    assert look(page()).corners is None


def test_exif_is_heeded() -> None:
    picture = lying(page()).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = sent(picture, 1860, 85)
    kept.info["exif"] = exif.tobytes()
    kept.getexif()[0x0112] = 6
    assert look(kept).turn == 0
