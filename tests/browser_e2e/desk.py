"""The agents' desk as a support agent uses it, in a browser of their own."""

import re

from playwright.async_api import Browser, FilePayload, Page

PASSWORD = "a long fictional password"


class Agent:
    """An agent at the desk."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def join(cls, browser: Browser, invitation: str) -> "Agent":
        """Open an invitation's link, set a password, arrive at the desk."""
        found = re.search(r"http\S+", invitation)
        assert found
        page = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
        await page.goto(found.group())
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Set password").click()
        await page.wait_for_url("**/desk")
        if await page.get_by_label("Login").is_visible():
            await _log_in(page)
        return cls(page)

    async def take(self) -> None:
        """Open the first chat that waits, and take it."""
        await self.page.get_by_test_id("waiting").first.click()
        await self.page.get_by_test_id("claim").click()
        await self.page.get_by_test_id("desk-text").wait_for(state="visible")

    async def write(self, text: str) -> None:
        """Write to the person; done when the page shows it as sent."""
        await self.page.get_by_test_id("desk-text").fill(text)
        await self.page.get_by_test_id("desk-send").click()
        await self.sees(text)

    async def send(self, file: FilePayload) -> None:
        """Send a file."""
        await self.page.get_by_test_id("desk-file").set_input_files([file])
        await self.sees(file["name"])

    async def sees(self, words: str) -> None:
        """Wait until the history has these words."""
        await self.page.get_by_test_id("line").filter(has_text=words).last.wait_for()

    async def hand_back(self) -> None:
        """Give the chat back to Saathi."""
        await self.page.get_by_test_id("release").click()


async def _log_in(page: Page) -> None:
    await page.get_by_label("Login").fill("meera")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_test_id("queue").wait_for(state="attached")
