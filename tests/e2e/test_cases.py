"""Both fictional cases, from the first hello to the booked talk, on both channels."""

import asyncio
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.e2e import backend, reading
from tests.e2e.backend import right
from tests.e2e.chats import Chat
from tests.e2e.person import Person
from tests.e2e.process import HURRIED, PLAIN
from tests.e2e.rig import Rig, running
from tests.e2e.told import Told
from tests.files import photo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WAYS = [
    pytest.param("prostate", "telegram", "webhook", HURRIED, id="prostate, Telegram by webhook"),
    pytest.param("prostate", "telegram", "polling", PLAIN, id="prostate, Telegram by polling"),
    pytest.param("breast", "whatsapp", "webhook", HURRIED, id="breast, WhatsApp"),
    pytest.param("prostate", "whatsapp", "webhook", HURRIED, id="prostate, WhatsApp"),
    pytest.param("breast", "telegram", "polling", HURRIED, id="breast, Telegram by polling"),
]


@pytest.mark.parametrize(("case", "where", "mode", "command"), WAYS)
async def test_a_case_and_the_opinion_back(
    case: str, where: str, mode: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    async with running(mode=mode, command=command) as rig:
        chat: Chat = rig.on_telegram() if where == "telegram" else rig.on_whatsapp()
        person = Person(chat, Told(case, own_phone=chat.knows_phone))
        kept = await told(person, rig)
        backend.medplum(tmp_path, kept["bundle"])
        await news(person, rig, kept["number"])
        await nothing_twice_or_lost(person, rig)
        assert await rig.saathi.stop() == 0
        assert rig.saathi.left() == []
        assert [line for line in rig.saathi.log.splitlines() if "ERROR" in line] == []


async def told(person: Person, rig: Rig) -> dict[str, Any]:
    """Tell the case; what arrived, found right in everything."""
    await person.tell()
    assert person.misunderstood == []
    assert person.repeats == 0
    check_page(person)
    await person.sees(word(person, "news.received").partition("{")[0])
    kept = rig.backend.case(str(person.told.rows["patient_name"]["value"]))
    await right(rig.backend, person.told, kept)
    return kept


def check_page(person: Person) -> None:
    """The page before sending shows what was told."""
    rows = person.told.rows
    for name in ("patient_name", "hospital", "medicines"):
        assert rows[name]["value"] in person.page
    for question in rows["questions"]["value"]:
        assert question in person.page


async def news(person: Person, rig: Rig, number: str) -> None:
    """Everything that comes back from the backend, in the order of a case's life."""
    await the_status_moves(person, rig, number)
    await a_paper_is_missing(person, rig, number)
    await the_opinion_comes(person, rig, number)
    await the_talk_is_agreed(person, rig, number)


async def the_status_moves(person: Person, rig: Rig, number: str) -> None:
    await rig.backend.form(number, "status", status="with_panel")
    await person.sees(number, word(person, "status.with_panel.line"))


async def a_paper_is_missing(person: Person, rig: Rig, number: str) -> None:
    await rig.backend.form(number, "missing", document="ct_report", note="If it was done.")
    title = word(person, "doc.ct_report")
    await person.sees(word(person, "news.missing").replace("{doc}", title), "If it was done.")
    page = photo("ct.jpg")
    await person.chat.send("ct.jpg", "image/jpeg", page)
    bubble = await person.sees(word(person, "records.more"))
    await person.chat.tap(bubble, "0.missing=done")
    await person.sees(word(person, "records.thanks"))
    sent = await rig.backend.told(number, "document")
    assert await rig.backend.document(sent["detail"]["sha256"]) == page
    bound = PdfReader(BytesIO(await rig.backend.refreshed(number, "ct_report")))
    assert [one.extract_text() for one in bound.pages] == [
        "CT scan report \u00b7 page 1 of 1 \u00b7 photographed"
    ]


async def the_opinion_comes(person: Person, rig: Rig, number: str) -> None:
    summary = "FICTIONAL: a smaller step is possible.\nAsk your doctor."
    before = sum(1 for one in await person.chat.bubbles() if one.file)
    pdf = await rig.backend.opinion(number, summary)
    assert pdf.startswith(b"%PDF")
    await person.sees(number, summary)
    got = [one.file for one in await person.chat.bubbles() if one.file]
    assert [data for _, data in got[before:]] == [pdf]
    assert f"{number}.pdf" in got[-1][0]


async def the_talk_is_agreed(person: Person, rig: Rig, number: str) -> None:
    first, second = (person.told.today + timedelta(days=days) for days in (6, 7))
    await rig.backend.form(number, "slots", first=f"{first}T18:00", second=f"{second}T18:30")
    wanted = f"{second:%d/%m/%Y} 18:30"
    bubble = await _offered(person, wanted)
    row = next(name for name, title in bubble.buttons if title == wanted)
    await person.chat.tap(bubble, row)
    await person.sees(word(person, "slot.asked").replace("{time}", wanted))
    chosen = (await rig.backend.told(number, "slot"))["detail"]["slot"]
    kept = next(one for one in rig.backend.cases() if one["number"] == number)
    assert chosen == kept["chosen"] == row.partition("=")[2]
    link = "https://meet.example/fictional"
    await rig.backend.form(number, "talk", start=f"{second}T18:30", link=link)
    await person.sees(wanted, link)


async def _offered(person: Person, wanted: str) -> Any:
    for _ in range(2):
        bubble = await person.sees(word(person, "ask.slot"))
        if any(title == wanted for _, title in bubble.buttons):
            return bubble
    raise AssertionError("the second time was not offered")


def word(person: Person, key: str) -> str:
    """The catalog's words in the person's language."""
    return reading.words(key, person.language)[0]


def meant(text: str, person: Person) -> bool:
    """What is rightly said twice: a page refused twice, a list of times that has grown."""
    return _again(person) in text or text == word(person, "ask.slot")


async def nothing_twice_or_lost(person: Person, rig: Rig) -> None:
    """No call was refused, no message went out twice, everything arrived."""
    await asyncio.sleep(1.0)
    state = await rig.telegram.state()
    refused = [(call.method, call.status) for call in state.calls if call.status != 200]
    # A tap is acknowledged in the answer to the webhook, and a poll may meet its own start.
    assert [one for one in refused if one[0] != "getUpdates"] == []
    assert state.unanswered == []
    assert [one for one in await rig.telegram.repeated() if not meant(one[1], person)] == []
    calls = await rig.twilio.look("calls")
    assert {call["status"] for call in calls} <= {200, 201, 204, 307}
    sent = await rig.twilio.look("messages")
    assert {message["status"] for message in sent} <= {"read"}
    bodies = Counter(_shown(message) for message in sent)
    assert [text for text, times in bodies.items() if times > 1 and not _meant(text, person)] == []
    told = await rig.twilio.look("webhooks")
    assert {one["status"] for one in told} <= {200}


def _meant(shown: str, person: Person) -> bool:
    return any(part in shown for part in (word(person, "ask.slot"), _again(person)))


def _again(person: Person) -> str:
    return max(word(person, "papers.again").partition("{doc}")[::2], key=len).strip()


def _shown(message: dict[str, Any]) -> str:
    wanted = message["wanted"]
    return str(wanted.get("rendered") or (wanted.get("Body"), wanted.get("MediaUrl")))
