"""Two pages are told by the blank strip between their writing."""

import numpy as np
import pytest
from PIL import Image

from bot.sight import look
from bot.sight.gutter import gutter
from bot.sight.letters import Letters
from tests.bot.sight.drawn import page

HIGH = 10


def written(columns: list[int], lying: bool = False, askew: float = 0.0) -> Letters:
    """Columns of 20 lines of 10 letters, each column beginning at this x."""
    boxes = [
        (round(left + 9 * i + askew * 20 * row), 20 * row, 8, HIGH)
        for left in columns
        for row in range(20)
        for i in range(10)
    ]
    found = np.array(boxes, np.int32)
    return Letters(found[:, [1, 0, 3, 2]] if lying else found, float(HIGH), lying)


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("askew", [0.0, 0.08])
def test_the_strip_is_as_wide_as_drawn(lying: bool, askew: float) -> None:
    assert gutter(written([0, 300], lying, askew)) == pytest.approx(21.1, abs=0.3)


@pytest.mark.parametrize("columns", [[0], [0, 89]])
def test_one_column_has_no_strip(columns: list[int]) -> None:
    assert gutter(written(columns)) < 1


def test_a_few_letters_beside_a_page_are_no_page() -> None:
    one, far = written([0]).boxes, np.array([[500, 20 * n, 8, HIGH] for n in range(9)], np.int32)
    assert gutter(Letters(np.concatenate([one, far]), float(HIGH), False)) < 1


def test_two_pages_on_a_white_table() -> None:
    table = Image.new("RGB", (2600, 1700), page().getpixel((2, 2)))
    for x, title in ((60, "CT"), (1430, "Biopsy")):
        table.paste(page(title).resize((1100, 1558)), (x, 70))
    assert look(table).fault == "two_pages"


def test_a_shadow_between_two_pages_is_no_writing() -> None:
    both = written([0, 300]).boxes
    shadow = np.array([[180 + 7 * n, 60 * n, 6, HIGH] for n in range(4)], np.int32)
    assert gutter(Letters(np.concatenate([both, shadow]), float(HIGH), False)) > 12


def test_a_column_between_two_others_is_writing() -> None:
    both = written([0, 300]).boxes
    column = np.array([[190, 20 * n, 20, HIGH] for n in range(20)], np.int32)
    assert gutter(Letters(np.concatenate([both, column]), float(HIGH), False)) < 12
