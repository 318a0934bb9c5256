"""The upload page in a real browser: on a slow line that breaks, in Hindi and in Urdu."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.wording import Wording
from flows.effects import UploadLink, Voice
from tests import browser as chromium
from tests.bot.uploads.rig import CASE, Rig, rig
from tests.files import report_pdf
from tests.talk import ALWAYS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(chromium.available()), reason=str(chromium.available())),
]
# For somebody who wants to look.
PICTURES = os.environ.get("PICTURES", "")
SHARE = "(bar => bar ? bar.value / bar.max * 100 : 0)(document.querySelector('progress'))"
PDF = report_pdf("A fictional scan") + random.Random(1).randbytes(3_000_000)


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as found:
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await chromium.launch(playwright)
        yield started
        await started.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "CT स्कैन.pdf"
    made.write_bytes(PDF)
    return made


def address(up: Rig, language: str = "hi") -> str:
    made = up.app.links.address(up.name, UploadLink(CASE, "scan_images"), language, up.app.now())
    return f"{up.client.base_url}{made.partition('saathi.example')[2]}"


def words(name: str, language: str = "hi", **given: str) -> str:
    return Wording(ALWAYS).text(f"upload.{name}", given, Voice(language))


async def opened(browser: Browser, url: str, width: int = 390) -> Page:
    size = {"width": width, "height": 780}
    context = await browser.new_context(viewport=size, device_scale_factor=2)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url)
    await expect(page.locator("#title")).not_to_be_empty()
    return page


Line = Callable[..., Awaitable[None]]


async def line(page: Page) -> Line:
    """Sets how good the line is: bytes a second up, or none at all."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")

    async def be(upload: int = -1, *, offline: bool = False) -> None:
        told = {"offline": offline, "latency": 50, "downloadThroughput": -1}
        told["uploadThroughput"] = upload
        await session.send("Network.emulateNetworkConditions", told)

    return be


async def picture(page: Page, name: str) -> None:
    wide: Any = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    if PICTURES:
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def percent(page: Page, least: int) -> None:
    """Wait until so much is there."""
    async with asyncio.timeout(60):
        while await page.evaluate(SHARE) < least:
            await page.wait_for_timeout(50)


async def test_a_file_over_a_line_that_breaks(up: Rig, browser: Browser, file: Path) -> None:
    page = await opened(browser, address(up))
    await picture(page, "start-hi")
    be = await line(page)
    await be(700_000)
    await page.set_input_files("#input", file)
    await percent(page, 35)
    await picture(page, "half-hi")
    await be(offline=True)
    await expect(page.locator("#state")).to_have_text(words("offline"), timeout=15_000)
    await picture(page, "offline-hi")
    await be()
    await expect(page.locator("#state")).to_have_text(words("back"), timeout=60_000)
    await expect(page.locator(".told")).to_contain_text(words("done"))
    await picture(page, "done-hi")
    (told,) = await up.told()
    assert await up.document(told) == PDF


async def test_reloaded_it_goes_on_where_it_was(up: Rig, browser: Browser, file: Path) -> None:
    page = await opened(browser, address(up))
    await (await line(page))(700_000)
    await page.set_input_files("#input", file)
    await percent(page, 50)
    await page.reload()
    await expect(page.locator("#again")).to_have_text(words("again"))
    (ticket,) = await up.uploads.partials.of(CASE)
    before = await up.offset(f"/upload/files/{ticket.id}")
    assert before > 500_000
    await picture(page, "again-hi")
    sent = []
    page.on("request", lambda request: sent.append((request.method, request.headers)))
    await page.set_input_files("#input", file)
    await expect(page.locator("#state")).to_have_text(words("back"), timeout=60_000)
    assert "POST" not in [method for method, _ in sent]
    offsets = [int(told["upload-offset"]) for method, told in sent if method == "PATCH"]
    assert offsets[0] >= before
    (told,) = await up.told()
    assert await up.document(told) == PDF


async def test_paused_and_continued(up: Rig, browser: Browser, file: Path) -> None:
    page = await opened(browser, address(up), width=320)
    await (await line(page))(700_000)
    await page.set_input_files("#input", file)
    await percent(page, 20)
    await page.click("#pause")
    await expect(page.locator("#state")).to_have_text(words("paused"))
    await picture(page, "paused-hi-320")
    (ticket,) = await up.uploads.partials.of(CASE)
    still = await up.offset(f"/upload/files/{ticket.id}")
    await page.wait_for_timeout(800)
    assert await up.offset(f"/upload/files/{ticket.id}") == still
    await page.click("#pause")
    await expect(page.locator("#state")).to_have_text(words("back"), timeout=60_000)
    (told,) = await up.told()
    assert await up.document(told) == PDF


async def test_in_urdu_from_right_to_left(up: Rig, browser: Browser, file: Path) -> None:
    page = await opened(browser, address(up, "ur"))
    assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert await page.title() == words("title", "ur")
    await (await line(page))(400_000)
    await page.set_input_files("#input", file)
    await percent(page, 30)
    await picture(page, "half-ur")


@pytest.mark.parametrize("language", ["hi", "ur", "ta"])
async def test_a_link_that_expired(up: Rig, browser: Browser, language: str) -> None:
    page = await opened(browser, address(up, language)[:-6] + "AAAAAA")
    await expect(page.locator("#choose")).to_be_hidden()
    await page.goto("about:blank")
    url = address(up, language)
    up.later += up.app.settings.uploads.link_hours * (up.later.resolution * 3_600_000_000)
    page = await opened(browser, url)
    await expect(page.locator("#title")).to_have_text(words("expired_title", language))
    await expect(page.locator("#about")).to_have_text(words("expired", language))
    for name in ("choose", "pause", "files"):
        await expect(page.locator(f"#{name}")).to_be_hidden()
    await picture(page, f"expired-{language}")


async def test_a_file_too_big_is_said_at_once(tmp_path: Path, browser: Browser, file: Path) -> None:
    async with rig(tmp_path, most_mb=1) as up:
        page = await opened(browser, address(up))
        await page.set_input_files("#input", file)
        most = words("too_big", most="1 MB")
        await expect(page.locator(".wrong .told")).to_have_text(most)
        assert await up.uploads.partials.of() == []
