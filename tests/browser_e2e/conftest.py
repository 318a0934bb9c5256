"""The browser and the running Saathi of these tests."""

import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests import browser as chromium
from tests.e2e.process import Saathi

PICTURES = Path(__file__).parents[2] / "docs/pictures"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium; without one the test is skipped here and fails under CI."""
    if reason := chromium.available():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    async with async_playwright() as playwright:
        started = await chromium.launch(playwright)
        yield started
        await started.close()


@pytest.fixture
async def site() -> AsyncIterator[Saathi]:
    """A running Saathi."""
    saathi = Saathi()
    try:
        await saathi.start()
        yield saathi
    finally:
        await saathi.close()


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture for the README, where they are asked for."""
    if os.environ.get("SAATHI_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        taken = await page.screenshot(full_page=whole)
        # 64 colours: a quarter of the bytes, and no eye sees it.
        few = Image.open(BytesIO(taken)).convert("RGB").quantize(64, dither=Image.Dither.NONE)
        few.save(PICTURES / f"{name}.png", optimize=True)
