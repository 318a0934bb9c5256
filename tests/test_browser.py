"""The browser that all browser tests need: it renders, taps, uploads and takes pictures."""

import struct
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser import available, launch

PAGE = """
<h1>नमस्ते</h1><input type=file>
<button onclick="this.textContent = document.querySelector('input').files[0].name">Tap</button>
"""


@pytest.mark.browser
@pytest.mark.skipif(bool(available()), reason=str(available()))
async def test_a_page_works_and_a_picture_can_be_taken(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"not looked at")
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.set_content(PAGE)
        await page.set_input_files("input", photo)
        await page.click("button")
        assert await page.inner_text("button") == "photo.jpg"
        picture = await page.screenshot()
        await browser.close()
    assert struct.unpack(">II", picture[16:24]) == (390, 844)
