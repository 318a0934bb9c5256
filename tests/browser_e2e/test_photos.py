"""A photo on the phone page: judged at once, taken again, and shown as the experts see it."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload

from flows.effects import Key
from tests import files
from tests.browser_e2e.case import Walk
from tests.browser_e2e.conftest import picture
from tests.browser_e2e.phone import Phone
from tests.e2e.process import Saathi

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(200)]
DOC = "biopsy_report"
ROUNDS = 8


@pytest.mark.parametrize("name", ["prostate", "breast"])
async def test_judged_taken_again_and_shown(name: str, browser: Browser, site: Saathi) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="en-IN")
    phone = Phone(page)
    await phone.open(site.url)
    walk = Walk(phone, name)
    await phone.say("Hello")
    await phone.tap(walk.language)
    await walk.answer_until("urgency")
    again = await phone.send(taken("first.jpg", soft=True), hears=walk.words("papers.why.blurred"))
    assert walk.words("papers.again", doc=Key(f"doc.{DOC}")) in again
    await picture(page, f"photo-again-{walk.language}")
    here = walk.words("papers.kept", doc=Key(f"doc.{DOC}"), count=1)
    await phone.send(taken("second.jpg"), hears=here)
    await is_shown_mended(walk)
    await picture(page, f"photo-seen-{walk.language}")


def taken(name: str, *, soft: bool = False) -> FilePayload:
    """A photo of a page on a table, the phone held lying."""
    data = files.on_a_table(DOC, soft=soft)
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


async def is_shown_mended(walk: Walk) -> None:
    """Done shows the page; upright and without the table, as soon as it was mended."""
    phone, seen = walk.phone, walk.words("pages.seen", doc=Key(f"doc.{DOC}"))
    for _ in range(ROUNDS):
        assert seen in await phone.tap("done")
        if mended(await shown(phone)):
            return
        await asyncio.sleep(1)
        await phone.tap("other_paper")
        await phone.tap(DOC)
    raise AssertionError("the page was never shown mended")


async def shown(phone: Phone) -> Image.Image:
    """The newest picture from Saathi."""
    image = phone.root.locator(".row.theirs img").last
    answer = await phone.page.request.get(await image.evaluate("image => image.src"))
    return Image.open(BytesIO(await answer.body())).convert("L")


def mended(page: Image.Image) -> bool:
    """Whether a white page fills the picture, standing, its heading above."""
    wide, high = page.size
    dark = [page.crop((0, y, wide, y + 40)).histogram()[:90] for y in (0, 40)]
    places = [(x, y) for x in (30, wide - 40) for y in (30, high - 40)]
    corners = [page.crop((x, y, x + 10, y + 10)).getextrema()[0] for x, y in places]
    filled = all(isinstance(value, float | int) and value > 180 for value in corners)
    return high > wide and filled and max(map(sum, dark)) < wide * 20
