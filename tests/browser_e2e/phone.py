"""The phone page as a person uses it: read the newest bubble, tap, choose, type, send files."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, Locator, Page

PATIENCE = 30
PAGES = 5
SETTLED = 0.35


class Phone:
    """One phone on a page."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.page = page
        self.root = page.get_by_test_id("phone").nth(number)

    async def open(self, address: str) -> None:
        """Open the page and wait until it is connected."""
        await self.page.goto(f"{address}/phone")
        await self.until("online", self.online)

    async def online(self) -> bool:
        """Whether the page hears Saathi."""
        state = await self.root.get_by_test_id("status").get_attribute("data-state")
        return state in ("online", "typing")

    async def say(self, text: str) -> str:
        """Type a message; the bubbles that follow."""
        return await self._hearing(self.type(text))

    async def type(self, text: str) -> None:
        """Type a message and press Enter, without waiting for an answer."""
        field = self.root.get_by_test_id("composer")
        await field.fill(text)
        await field.press("Enter")

    async def tap(self, choice: str) -> str:
        """Tap the newest button, or row of the newest list, with this id."""
        return await self._hearing(self._tap(choice))

    async def choose(self, number: int) -> str:
        """Tap a row of the open list by its place, from 1; the bubbles that follow."""
        rows = self.root.get_by_test_id("sheet").get_by_test_id("list-row")
        return await self._hearing(rows.nth(number - 1).click())

    async def send(self, *files: FilePayload, hears: str = "") -> str:
        """Send files, several at once as an album; the bubbles that follow."""
        return await self._hearing(
            self.root.get_by_test_id("file-input").set_input_files(files), hears
        )

    async def theirs(self) -> list[str]:
        """Saathi's bubbles, oldest first."""
        return await self.root.locator(".row.theirs[data-id] .bubble").all_inner_texts()

    async def mine(self) -> list[str]:
        """The person's own bubbles, oldest first."""
        return await self.root.locator(".row.mine .bubble").all_inner_texts()

    async def last(self) -> str:
        """The newest bubble of Saathi."""
        return (await self.theirs())[-1]

    async def hears(self, words: str, since: int = 0) -> str:
        """Wait until a bubble after the first `since` ones has these words."""
        return await self._until_said(since, words)

    async def unsent(self) -> int:
        """How many messages still wait."""
        return await self.root.locator(".row.pending").count()

    async def until(self, what: str, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something holds; `holds` is an async function."""
        for _ in range(PATIENCE * 10):
            if await holds():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"waited in vain for: {what}; last: {(await self.theirs())[-2:]}")

    async def _hearing(self, act: Awaitable[None], words: str = "") -> str:
        before = len(await self.theirs())
        await act
        return await self._until_said(before, words)

    async def _until_said(self, before: int, words: str) -> str:
        async def said() -> bool:
            new = (await self.theirs())[before:]
            return bool(new) and words in "\n".join(new)

        await self.until(f"an answer with {words!r}", said)
        await self._settle()
        return "\n".join((await self.theirs())[before:])

    async def _settle(self) -> None:
        count = -1
        while count != (count := len(await self.theirs())):
            await asyncio.sleep(SETTLED)

    async def _tap(self, choice: str) -> None:
        for _ in range(PAGES):
            place = await self._offer(choice)
            if await place.count():
                return await place.click()
            if not await self._row("!more").count():
                break
            await self._hearing(self._row("!more").click())
        raise AssertionError(f"nothing to tap for {choice!r}; last: {await self.last()!r}")

    async def _offer(self, choice: str) -> Locator:
        newest = self.root.locator(".choices").last
        if not await newest.get_by_test_id("list-open").count():
            return newest.locator(_choice(choice))
        await self.open_list()
        return self._row(choice)

    async def open_list(self) -> None:
        """Open the newest list."""
        await self.root.get_by_test_id("list-open").last.click()
        await self.root.get_by_test_id("sheet").wait_for(state="visible")

    def _row(self, choice: str) -> Locator:
        return self.root.get_by_test_id("sheet").locator(_choice(choice))


def _choice(choice: str) -> str:
    start = f'[data-choice^="{choice}:"]' if choice.startswith("!") else "#none"
    return f'[data-choice="{choice}"], [data-choice$="={choice}"], {start}'
