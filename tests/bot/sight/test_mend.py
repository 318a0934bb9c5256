"""The page as we see it."""

import io

import numpy as np
from PIL import Image

from bot.sight import Mended, look, mend
from tests.bot.sight.drawn import lying, page


def mended(image: Image.Image) -> tuple[Image.Image, Mended]:
    """The mended picture and what was done."""
    done = mend(image, look(image))
    return Image.open(io.BytesIO(done.jpeg)), done


def test_the_table_is_cut_away() -> None:
    seen, done = mended(lying(page()))
    assert done.done == ("flattened",)
    assert abs(seen.width / seen.height - 1130 / 1600) < 0.02
    rim = np.asarray(seen.convert("L"))[8:-8, 8:-8]
    assert rim[[0, -1]].min() > 180


def test_a_page_on_its_side_stands_up() -> None:
    seen, done = mended(lying(page()).transpose(Image.Transpose.ROTATE_90))
    assert "turned" in done.done
    assert seen.height > seen.width
    top = np.asarray(seen.convert("L"))[: seen.height // 8]
    assert top.min() < 100


def test_a_shadow_is_evened_out() -> None:
    shade = np.linspace(0.5, 1, 1350)[None, :, None]
    dim = (np.asarray(lying(page())) * shade).astype(np.uint8)
    seen, done = mended(Image.fromarray(dim))
    assert done.done == ("flattened", "shadow")
    light = np.percentile(np.asarray(seen.convert("L")), 90, axis=0)
    assert light[40] > 0.85 * light[-40]


def test_nothing_is_done_to_a_good_scan() -> None:
    seen, done = mended(page())
    assert done.done == ()
    assert max(seen.size) == 1600


def test_a_large_photo_becomes_small() -> None:
    seen, done = mended(lying(page()).resize((3024, 4166)))
    assert max(seen.size) <= 1600
    assert len(done.jpeg) < 600_000
