"""Walking a fictional case on the phone page: what its YAML says is tapped, chosen, typed."""

from typing import Any

from playwright.async_api import FilePayload

from bot.wording import Wording
from flows.effects import Voice
from flows.steps import steps
from tests import files
from tests.browser_e2e.phone import Phone
from tests.cases import story

TAPPED = ("choice", "choices", "yesno", "case_type")
NUMBER = "+91 90000 00001"


class Walk:
    """One fictional case on one phone."""

    def __init__(self, phone: Phone, name: str) -> None:
        self.phone = phone
        self.story = story(name)
        self.language = str(self.story["language"])
        self.rows = list(self.story["answers"])

    def words(self, key: str, **params: Any) -> str:
        """The words of a key in the case's language."""
        to_self = self.story["answers"][0]["value"] == "self"
        return Wording({}).text(key, params, Voice(self.language, to_self=to_self))

    async def answer_until(self, field: str) -> None:
        """Give every answer up to the one before `field`; all of them when it is empty."""
        while self.rows and self.rows[0]["field"] != field:
            await self._answer(self.rows.pop(0))
            if self.words("offered.intro") in await self.phone.last():
                # "My mother" told the gender already; with a no, all is asked step by step.
                await self.phone.tap("no")

    async def _answer(self, row: dict[str, Any]) -> None:
        said = row["say"] if isinstance(row["say"], list) else [row["say"]]
        for number, one in enumerate(said):
            await self._give(row, str(one), number)
        if "then" in row:
            await self.phone.say(row["then"]["confirm"])
        if "date" in row:
            await self.phone.say(row["date"])

    async def _give(self, row: dict[str, Any], said: str, number: int) -> None:
        """As a person would: tap what has a button, type what is in their own words."""
        if said in ("done", "skip"):
            await self.phone.tap("!skip" if said == "skip" else said)
        elif steps()[row["field"]].kind in TAPPED and said.isascii():
            await self.phone.tap(_option(row["value"], number))
        else:
            # The phone page knows no number that "this number" could mean.
            await self.phone.say(NUMBER if said.startswith("button:") else said)

    async def send_papers(self) -> None:
        """Every upload of the case, then what cannot be had, until nothing is missing."""
        for row in self.story["uploads"]:
            await self.send_paper(row)
        for row in self.story["waivers"]:
            await self._ask_for(row["doc"])
            await self.phone.tap("dont_have")
            await self.phone.tap(row["reason"])

    async def send_paper(self, row: dict[str, Any]) -> None:
        """One upload, sent as often as the case says."""
        await self._ask_for(row["doc"])
        paper = self.words(f"doc.{row['doc']}")
        if row["result"] == "retake":
            await self.phone.send(as_file(row), hears=self.words("papers.why.blurred"))
            return
        for _ in range(int(row.get("tries", 1)) - 1):
            await self.phone.send(as_file(row), hears=self.words("papers.why.blurred"))
        await self.phone.send(as_file(row), hears=paper)
        await self.phone.tap("done")

    async def _ask_for(self, doc: str) -> None:
        """Turn to a paper, unless it is the one asked for."""
        if self.words(f"doc.{doc}") in await self.phone.last():
            return
        await self.phone.tap("other_paper")
        await self.phone.tap(doc)


def as_file(row: dict[str, Any]) -> FilePayload:
    """The file of an upload, as the browser's file picker gives it."""
    name, mime, data = files.upload(row)
    return {"name": name, "mimeType": mime, "buffer": data}


def pdf(name: str, pages: int = 2) -> FilePayload:
    """A fictional report."""
    return {
        "name": name,
        "mimeType": "application/pdf",
        "buffer": files.report_pdf(name, pages),
    }


def _option(value: Any, number: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value[number] if isinstance(value, list) else value)
