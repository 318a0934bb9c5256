"""Two sheets upon each other are told by the two corners that are missing of their outline."""

import cv2
import numpy as np
import pytest
from PIL import Image

from bot.sight import look
from bot.sight.page import Outline
from bot.sight.slant import slant
from tests.bot.sight.drawn import page

SHEET = [(40, 30), (360, 30), (360, 480), (40, 480)]
TWO = [(40, 30), (300, 30), (300, 130), (370, 130), (370, 520), (110, 520), (110, 420), (40, 420)]


def outline(corners: list[tuple[int, int]], turned: float = 0.0) -> Outline:
    """Every pixel around these corners, turned about the picture's middle."""
    turn = cv2.getRotationMatrix2D((256, 256), turned, 1.0)
    places = cv2.transform(np.array([corners], np.float64), turn)
    mask = cv2.fillPoly(np.zeros((640, 512), np.uint8), [places.astype(np.int32)], (1,))
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(found[0], np.int32)


@pytest.mark.parametrize("turned", [0, 7, -12, 45, 90])
def test_two_sheets_lack_two_opposite_corners(turned: float) -> None:
    assert slant(outline(TWO, turned)) > 0.25
    assert slant(outline(SHEET, turned)) < 0.05


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([(90, 30), (310, 30), (370, 480), (30, 480)], id="in perspective"),
        pytest.param([(100, 30), (360, 30), (360, 480), (40, 480), (40, 100)], id="dog-eared"),
        pytest.param([(40, 30), (360, 30), (366, 250), (360, 480), (40, 480)], id="bent"),
    ],
)
def test_one_sheet_does_not(corners: list[tuple[int, int]]) -> None:
    assert slant(outline(corners)) < 0.05


def test_two_pages_upon_each_other() -> None:
    table = Image.new("RGB", (1700, 2300), (92, 64, 44))
    for place, title in (((420, 640), "CT"), ((80, 90), "Biopsy")):
        table.paste(page(title).resize((1080, 1528)), place)
    assert look(table).fault == "two_pages"
