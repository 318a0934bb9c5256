"""A page is known again, and not taken for another of the same layout."""

from PIL import Image

from bot.sight import SAME_PAGE, distance, look
from bot.sight.likeness import BITS
from flows import pages
from tests.bot.sight.drawn import lying, page, sent


def of(image: Image.Image) -> str:
    """The likeness of a photograph."""
    return look(image).likeness


def test_the_same_page_again_is_near() -> None:
    again = sent(lying(page()).rotate(1, fillcolor=(96, 62, 38)), 1600, 60)
    assert distance(of(lying(page())), of(again)) <= SAME_PAGE


def test_another_page_of_the_layout_is_far() -> None:
    other = page().copy()
    other.paste(page().crop((0, 300, 1130, 900)), (0, 700))
    other.paste((248, 247, 242), (0, 1300, 1130, 1600))
    assert distance(of(lying(page())), of(lying(other))) > SAME_PAGE


def test_a_page_that_is_not_flattened_is_like_none() -> None:
    assert of(page()) == ""
    assert distance(of(page()), of(page())) == BITS


def test_the_talk_goes_by_the_same_limit() -> None:
    assert pages.ALIKE == SAME_PAGE
