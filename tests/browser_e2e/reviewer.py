"""The review sandbox as a specialist uses it."""

from playwright.async_api import Browser, Page

WRITTEN = {
    "findings": "Fictional: the papers agree with each other.",
    "diagnosis": "Fictional: the diagnosis stands on a complete report.",
    "options": "Fictional: two ways are open, with the reasons for each.",
    "answers": "Fictional: yes, with a test every six months.",
    "next": "Fictional: talk it over with your own doctor.",
    "summary": "Both ways are safe for now. You have time to decide.",
    "doctor": "Dr. Fictional Rao",
    "registration": "FICT-000",
}


class Reviewer:
    """A specialist at the sandbox."""

    def __init__(self, page: Page, number: str) -> None:
        self.page, self.number = page, number

    @classmethod
    async def open(cls, browser: Browser, address: str, number: str) -> "Reviewer":
        """Find the case in the list and open it."""
        page = await (await browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
        await page.goto(f"{address}/sandbox/")
        await page.get_by_role("link", name=number).click()
        return cls(page, number)

    async def reads(self) -> str:
        """All words of the case page."""
        return await self.page.inner_text("main")

    async def dossier(self) -> bytes:
        """The file behind the big link."""
        return await self._open("All documents in one PDF")

    async def bound(self, document: str) -> bytes:
        """A document's own PDF, from the list by type."""
        return await self._open(document)

    async def _open(self, name: str) -> bytes:
        link = self.page.get_by_role("link", name=name).first
        answer = await self.page.request.get(await link.evaluate("link => link.href"))
        assert answer.ok
        return await answer.body()

    async def move(self, status: str) -> None:
        """Give the case another status."""
        await self.page.get_by_role("button", name=status, exact=True).click()

    async def ask_for(self, document: str, note: str) -> None:
        """Ask the family for a missing record."""
        await self.page.get_by_label("Document").select_option(document)
        await self.page.get_by_label("Note for the family").fill(note)
        await self.page.get_by_role("button", name="Ask for this record").click()

    async def give_opinion(self) -> None:
        """Write, sign and send the opinion."""
        await self.page.get_by_role("link", name="Write the opinion").click()
        for name, words in WRITTEN.items():
            await self.page.locator(f"[name={name}]").fill(words)
        await self.page.get_by_role("button", name="Sign and send the opinion").click()
        await self.page.get_by_role("link", name="Read the opinion").wait_for()

    async def offer(self, *times: str) -> None:
        """Offer times for the talk (local, YYYY-MM-DDTHH:MM)."""
        for label, time in zip(("First time", "Second time", "Third time"), times, strict=False):
            await self.page.get_by_label(label).fill(time)
        await self.page.get_by_role("button", name="Offer these times").click()

    async def book(self) -> None:
        """Book the time that the family chose."""
        await self.page.reload()
        await self.page.get_by_role("button", name="Book the talk").click()
        await self.page.get_by_text("Booked:").first.wait_for()
