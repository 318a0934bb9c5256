"""What is taken for a fault: one measure at a time moved away from those of a good page."""

import pytest
from PIL import Image

from bot.sight import look
from bot.sight.fault import of_page
from tests.bot.sight.drawn import page

LEFT = {"over_left": 0.95, "cut_left": 9.0, "gap_left": 0.0}
FAULTS = [
    pytest.param({}, "", id="a good page"),
    pytest.param({"bright": 30.0}, "dark", id="dark"),
    pytest.param({"spot": 0.01, "rise": 0.1}, "glare", id="glare"),
    pytest.param({"steep": 1.5}, "blurred", id="soft"),
    pytest.param({"even": 0.5}, "shaken", id="sharp in one direction only"),
    pytest.param({"height": 6.0}, "small", id="letters too small"),
    pytest.param(LEFT, "cut_off_left", id="over one side, letters on it"),
    pytest.param({**LEFT, "cut_top": 7.0}, "", id="letters on other sides too: a cloth"),
    pytest.param({**LEFT, "cut_left": 60.0}, "", id="more letters than a page has lines"),
    pytest.param({**LEFT, "gap_left": 12.0}, "", id="two letters there and all others far away"),
    pytest.param({"slant": 0.3}, "two_pages", id="corners missing"),
    pytest.param({"gutter": 12.0, "lines": 40.0}, "two_pages", id="a blank strip"),
    pytest.param({"gutter": 12.0, "lines": 9.0}, "", id="a blank strip between few lines"),
    pytest.param({"long": 5.0, "slant": 0.3}, "not_a_document", id="hardly a line"),
    pytest.param({"long": 90.0, "share": 0.3}, "not_a_document", id="a small thing, few lines"),
    pytest.param({"height": 200.0}, "not_a_document", id="letters as on a poster"),
]


@pytest.fixture(scope="module")
def good() -> dict[str, float]:
    table = Image.new("RGB", (1700, 2300), (92, 64, 44))
    table.paste(page("CT").resize((1400, 1980)), (150, 160))
    return look(table).measures


@pytest.mark.parametrize(("changed", "reason"), FAULTS)
def test_a_measure_and_what_it_says(
    good: dict[str, float], changed: dict[str, float], reason: str
) -> None:
    assert of_page({**good, **changed})[0] == reason
