"""Both fictional cases to the end in a real browser, with a person's takeover in the middle."""

import re
import subprocess
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from playwright.async_api import Browser
from pypdf import PdfReader

from flows.effects import Key
from tests.browser_e2e.case import Walk, pdf
from tests.browser_e2e.conftest import picture
from tests.browser_e2e.desk import Agent
from tests.browser_e2e.phone import Phone
from tests.browser_e2e.reviewer import WRITTEN, Reviewer
from tests.e2e.process import ROOT, Saathi

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(300)]
ASKS_FOR_A_PERSON = {"en": "talk to a person", "hi": "किसी इंसान से बात करनी है"}
NOTE = "Please send the newest one."


@pytest.fixture
async def phone(browser: Browser, site: Saathi) -> AsyncIterator[Phone]:
    """A fresh phone, open; a script error on it fails the test."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-IN")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened = Phone(page)
    await opened.open(site.url)
    yield opened
    assert errors == []


@pytest.mark.parametrize("name", ["prostate", "breast"])
async def test_a_case_from_hello_to_the_talk(
    name: str, browser: Browser, site: Saathi, phone: Phone
) -> None:
    walk = Walk(phone, name)
    await begins(walk)
    await is_helped_by_a_person(walk, browser, site)
    await comes_back_to_the_same_question(walk, site)
    await sends_papers(walk)
    number = await submits(walk)
    reviewer = await Reviewer.open(browser, site.url, number)
    await shows_the_case(walk, reviewer)
    await gets_a_record_asked_for(walk, reviewer)
    await gets_the_opinion(walk, reviewer)
    await books_the_talk(walk, reviewer)


async def begins(walk: Walk) -> None:
    """Hello, the language, and the form up to the stage."""
    await walk.phone.say("Hello")
    await walk.phone.tap(walk.language)
    await walk.answer_until("consent_data")
    await picture(walk.phone.page, f"consent-{walk.language}")
    await walk.answer_until("stage")


async def is_helped_by_a_person(walk: Walk, browser: Browser, site: Saathi) -> None:
    """An agent takes the chat, writes, sends a file, hands back; the question comes again."""
    phone, pending = walk.phone, walk.words("ask.stage")
    assert pending in await phone.say(ASKS_FOR_A_PERSON[walk.language])
    agent = await Agent.join(browser, invited(site))
    await agent.take()
    await phone.hears("Meera")
    await phone.type("Is somebody there?")
    await agent.sees("Is somebody there?")
    await agent.write("Yes, this is Meera. How can I help?")
    await phone.hears("this is Meera")
    await agent.send(pdf("how-to-take-a-photo.pdf"))
    await phone.hears("how-to-take-a-photo.pdf")
    await picture(agent.page, f"desk-{walk.language}")
    assert pending not in await phone.last()
    await agent.hand_back()
    await phone.hears(walk.words("human.left"))
    assert pending in await phone.last()
    await picture(phone.page, f"person-{walk.language}")


async def comes_back_to_the_same_question(walk: Walk, site: Saathi) -> None:
    """Saathi stops and starts: what is written meanwhile waits, and the chat goes on."""
    phone, before = walk.phone, len(await walk.phone.theirs())
    await site.stop()
    await phone.type("back")
    await phone.until("the message waits", lambda: waits(phone, 1))
    await site.start()
    await phone.until("the message goes out", lambda: waits(phone, 0))
    await phone.hears(walk.words("ask.recurrence"), since=before)
    assert walk.words("ask.stage") in await phone.tap("false")


async def waits(phone: Phone, count: int) -> bool:
    """Whether so many messages wait to be sent."""
    return await phone.unsent() == count


async def sends_papers(walk: Walk) -> None:
    """The rest of the form, and every record; the first as an album."""
    phone = walk.phone
    await walk.answer_until("urgency")
    if walk.story["uploads"][0]["result"] == "retake":
        await walk.send_paper(walk.story["uploads"].pop(0))
        await picture(phone.page, f"blurred-{walk.language}")
    album = [pdf(f"page-{page}.pdf", 1) for page in (1, 2, 3)]
    await phone.send(*album)
    await phone.hears(walk.words("papers.kept", doc=Key("doc.biopsy_report"), count=3))
    await picture(phone.page, f"album-{walk.language}")
    await phone.tap("done")
    await walk.send_papers()
    await phone.tap("go_on")


async def submits(walk: Walk) -> str:
    """The last answers, the review page, one change, off it goes; the case number."""
    phone = walk.phone
    await walk.answer_until("")
    await phone.hears(walk.words("review.title"))
    await picture(phone.page, f"review-{walk.language}")
    await phone.tap("change")
    await phone.tap("hospital")
    assert "Lake Hospital (fictional)" in await phone.say("Lake Hospital (fictional)")
    sent = await phone.tap("send")
    found = re.search(r"\b[A-Z0-9]{3}(-[A-Z0-9]{3}){2}\b", sent)
    assert found, sent
    await phone.hears(walk.words("news.received", number=found.group()))
    await picture(phone.page, f"sent-{walk.language}")
    return found.group()


async def shows_the_case(walk: Walk, reviewer: Reviewer) -> None:
    """The specialist reads what the family said."""
    page = await reviewer.reads()
    assert walk.story["expected"]["bundle"]["Patient"]["name"] in page
    assert "Lake Hospital (fictional)" in page
    for asked in next(row for row in walk.story["answers"] if row["field"] == "questions")["value"]:
        assert asked in page
    await picture(reviewer.page, f"case-{walk.language}", whole=True)
    await opens_the_dossier(walk, reviewer)


async def opens_the_dossier(walk: Walk, reviewer: Reviewer) -> None:
    """Everything in one file, in order; the album is one PDF of its own."""
    album = 3
    sent = [row for row in walk.story["uploads"] if row["result"] != "retake"]
    pages = sum(2 if row["form"] == "pdf" else 1 for row in sent)
    dossier = PdfReader(BytesIO(await reviewer.dossier()))
    assert len(dossier.pages) == 1 + album + pages
    assert "Biopsy report" in dossier.pages[0].extract_text()
    biopsy = PdfReader(BytesIO(await reviewer.bound("Biopsy report")))
    words = [page.extract_text() for page in biopsy.pages]
    # The pages of an album are looked at beside each other: whichever is done first stands first.
    assert all(any(f"page-{n}.pdf" in page for page in words[:album]) for n in (1, 2, 3))


async def gets_a_record_asked_for(walk: Walk, reviewer: Reviewer) -> None:
    """The status moves, a record is asked for and sent."""
    phone = walk.phone
    await reviewer.move("Being checked")
    await phone.hears(walk.words("status.being_checked.line"))
    await reviewer.ask_for("blood_tests", NOTE)
    await phone.hears(NOTE)
    assert walk.words("doc.blood_tests") in await phone.last()
    await phone.send(pdf("blood-new.pdf"), hears=walk.words("doc.blood_tests"))
    await phone.tap("done")
    await reviewer.move("With the panel")
    await phone.hears(walk.words("status.with_panel.line"))


async def gets_the_opinion(walk: Walk, reviewer: Reviewer) -> None:
    """The opinion arrives with its summary, and its PDF opens."""
    phone = walk.phone
    await reviewer.give_opinion()
    await phone.hears(WRITTEN["summary"])
    link = phone.root.get_by_test_id("document").last
    answer = await phone.page.request.get(await link.evaluate("link => link.href"))
    assert answer.ok
    assert (await answer.body()).startswith(b"%PDF")
    await picture(phone.page, f"opinion-{walk.language}")


async def books_the_talk(walk: Walk, reviewer: Reviewer) -> None:
    """Times are offered, one is chosen, the talk is booked."""
    phone = walk.phone
    await reviewer.offer("2027-03-06T10:00", "2027-03-07T11:30")
    await phone.hears(walk.words("ask.slot"))
    await phone.open_list()
    await picture(phone.page, f"slots-{walk.language}")
    await phone.choose(1)
    await reviewer.book()
    await phone.hears("https://meet.saathi.example/")


def invited(site: Saathi) -> str:
    """What the command prints that makes an agent's account, beside the running process."""
    return subprocess.run(
        [ROOT / ".venv/bin/saathi", "agents", "invite", "--login", "meera", "--name", "Meera"],
        env=site.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
