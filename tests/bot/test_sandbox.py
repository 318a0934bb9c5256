"""The sandbox as a reviewer uses it: pages, acts, and events that arrive signed."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from playwright.async_api import async_playwright

from bot.channels import Refused
from bot.review.events import Event, verify
from bot.review.sandbox import sandbox_app
from bot.review.sandbox.opinion import SECTIONS, Written, pdf
from tests import browser
from tests.bot.review_rig import SECRET, TOKEN, Rig, rig
from tests.cases import load_case, story

CASE = "/cases/C-TEST-0001"
OPINION = {name: f"Fictional {title}" for name, title in SECTIONS.items() if name != "experts"}
SIGNED = {"doctor": "Dr Fictional Expert", "degree": "MD", "registration": "COUNCIL-00000"}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as found:
        await found.send("breast")
        yield found


async def arrived(sandbox: Rig, count: int = 1) -> list[Event]:
    """The events that Saathi got, once there are so many."""
    async with asyncio.timeout(20):
        while len(sandbox.receiver.events) < count:
            await asyncio.sleep(0.02)
    return sandbox.receiver.events


async def test_the_list_shows_the_case(sandbox: Rig) -> None:
    page = await sandbox.page("/")
    for word in ("C-TEST-0001", "Sunita Devi", "breast panel", "28 Nov 2026", "fictional"):
        assert word in page


async def test_the_case_page_tells_what_a_specialist_needs(sandbox: Rig) -> None:
    page = await sandbox.page(CASE)
    questions = next(
        row["value"] for row in story("breast")["answers"] if row["field"] == "questions"
    )
    told = ["Rahul Kumar", "Biopsy report", "Cannot afford", "High blood pressure", "Fully active"]
    told += ["child of the patient", "Oct 2026", "Surgery, Chemotherapy", "गया जिला, बिहार"]
    for word in (*told, *questions):
        assert word in page
    assert page.index(questions[0]) < page.index("Illness")


@pytest.mark.parametrize("status", ["being_checked", "with_panel", "closed"])
async def test_moving_the_status(sandbox: Rig, status: str) -> None:
    assert (await sandbox.form(f"{CASE}/status", status=status))[0] == 200
    (event,) = await arrived(sandbox)
    assert (event.type, event.case, event.detail) == ("status", "C-TEST-0001", {"status": status})


async def test_asking_for_a_record(sandbox: Rig) -> None:
    await sandbox.form(f"{CASE}/missing", document="pet_ct_report", note="If it was done.")
    (event,) = await arrived(sandbox)
    assert event.type == "missing"
    assert event.detail == {"document": "pet_ct_report", "note": "If it was done."}
    assert "Documents missing" in await sandbox.page(CASE)


async def test_an_opinion_arrives_with_its_file(sandbox: Rig) -> None:
    form = {**OPINION, **SIGNED, "summary": "छोटा ऑपरेशन ठीक है।\nAsk your doctor."}
    assert (await sandbox.form(f"{CASE}/opinion", **form))[0] == 200
    (event,) = await arrived(sandbox)
    assert event.type == "opinion"
    assert event.detail["summary"] == "छोटा ऑपरेशन ठीक है।\nAsk your doctor."
    assert event.file
    text = words(event.file.data)
    for word in (
        *OPINION.values(),
        "Dr Fictional Expert, MD (reg. no. COUNCIL-00000)",
        "FICTIONAL",
    ):
        assert word in text


async def test_a_large_opinion_is_fetched_with_the_token(tmp_path: Path) -> None:
    async with rig(tmp_path, inline=0) as sandbox:
        await sandbox.send("breast")
        await sandbox.form(f"{CASE}/opinion", **OPINION, **SIGNED)
        (event,) = await arrived(sandbox)
        assert event.file
        assert event.file.data == b""
        data = b"".join([chunk async for chunk in sandbox.client.fetch(event.file.url)])
    assert data.startswith(b"%PDF")


async def test_an_opinion_bundle_is_sound_fhir(sandbox: Rig) -> None:
    from bot.review.validity import problems

    await sandbox.form(f"{CASE}/opinion", **OPINION, **SIGNED)
    await arrived(sandbox)
    told = json.loads(sandbox.receiver.bodies[0][0])["events"][0]["bundle"]
    # It speaks of the case's own resources, which are not in it.
    assert set(problems(told)) <= {"a reference leads nowhere"}
    assert len(told["entry"][2]["resource"]["section"]) == 7


async def test_an_unfinished_opinion_is_not_sent_and_nothing_typed_is_lost(sandbox: Rig) -> None:
    status, page = await sandbox.form(f"{CASE}/opinion", findings="Only this <b>", doctor="Dr F")
    assert status == 422
    assert "Only this &lt;b&gt;" in page
    assert sandbox.app.state.desk.store.case("C-TEST-0001").opinion == ""


async def test_slots_are_offered_chosen_and_booked(sandbox: Rig) -> None:
    await sandbox.form(f"{CASE}/slots", first="2026-12-01T18:00", second="2026-12-02T18:00")
    first, second = await arrived(sandbox, 2)
    assert [first.type, second.type] == ["slot", "slot"]
    assert first.detail["start"] == "2026-12-01T18:00:00+05:30"
    assert first.detail["end"] == "2026-12-01T18:20:00+05:30"
    await sandbox.client.tell("C-TEST-0001", "slot", {"slot": second.detail["slot"]})
    page = await sandbox.page(CASE)
    assert "chosen by the family" in page
    assert 'value="2026-12-02T18:00"' in page
    await sandbox.form(f"{CASE}/talk", start="2026-12-02T18:00", link="https://meet.example/x")
    talk = (await arrived(sandbox, 3))[2]
    assert talk.type == "talk"
    assert talk.detail == {"start": "2026-12-02T18:00:00+05:30", "link": "https://meet.example/x"}


BAD_FORMS = [
    pytest.param("status", {"status": "cured"}, id="an unknown status"),
    pytest.param("missing", {"document": "soul"}, id="an unknown document"),
    pytest.param("slots", {"first": "tomorrow"}, id="no time"),
    pytest.param("talk", {"start": "", "link": ""}, id="no talk"),
    pytest.param("talk", {"start": "2026-12-02T18:00", "link": "javascript:x"}, id="no link"),
]


@pytest.mark.parametrize(("name", "fields"), BAD_FORMS)
async def test_a_wrong_form_says_so_and_sends_nothing(
    sandbox: Rig, name: str, fields: dict[str, str]
) -> None:
    status, page = await sandbox.form(f"{CASE}/{name}", **fields)
    assert status == 422
    assert 'role="alert"' in page
    assert sandbox.app.state.desk.outbox.waiting() == []


async def test_an_event_waits_until_saathi_takes_it(sandbox: Rig) -> None:
    sandbox.receiver.status = 503
    await sandbox.form(f"{CASE}/status", status="being_checked")
    await sandbox.form(f"{CASE}/status", status="with_panel")
    async with asyncio.timeout(10):
        while not sandbox.receiver.bodies:
            await asyncio.sleep(0.02)
    assert "2 events still waiting" in await sandbox.page("/")
    sandbox.receiver.status = 200
    events = await arrived(sandbox, 2)
    assert [event.detail["status"] for event in events] == ["being_checked", "with_panel"]


async def test_what_is_unsent_outlives_the_process(tmp_path: Path) -> None:
    async with rig(tmp_path) as sandbox:
        await sandbox.send("breast")
        sandbox.receiver.status = 503
        await sandbox.form(f"{CASE}/status", status="with_panel")
    async with rig(tmp_path) as again:
        again.app.state.desk.outbox.start()
        (event,) = await arrived(again)
        assert event.detail == {"status": "with_panel"}
        assert "C-TEST-0001" in await again.page("/")


async def test_a_tampered_or_old_event_is_refused(sandbox: Rig) -> None:
    await sandbox.form(f"{CASE}/status", status="with_panel")
    await arrived(sandbox)
    body, headers = sandbox.receiver.bodies[0]
    now = datetime.now(UTC)
    verify(headers, body, SECRET, now)
    for changed, at in (
        (body.replace(b"with_panel", b"closed"), now),
        (body, now + timedelta(minutes=6)),
    ):
        with pytest.raises(Refused):
            verify(headers, changed, SECRET, at)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(sandbox: Rig, headers: dict[str, str]) -> None:
    url = f"{sandbox.url}{CASE}/status"
    async with sandbox.http.post(url, data={"status": "closed"}, headers=headers) as answer:
        assert answer.status == 403
    assert sandbox.app.state.desk.store.case("C-TEST-0001").status == "received"


async def test_with_a_page_key_the_pages_need_it(tmp_path: Path) -> None:
    async with rig(tmp_path, page_key="open-sesame") as sandbox:
        await sandbox.send("breast")
        for path in ("/", CASE, "/?key=wrong", f"{CASE}?key="):
            async with sandbox.http.get(sandbox.url + path) as answer:
                assert answer.status == 403
                assert "Sunita" not in await answer.text()
        assert "Sunita Devi" in await sandbox.page("/?key=open-sesame")
        assert "Sunita Devi" in await sandbox.page(CASE)


async def test_every_page_is_locked_down(sandbox: Rig) -> None:
    async with sandbox.http.get(sandbox.url + CASE) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in await answer.text()


async def test_a_page_sent_as_a_document_does_not_open(sandbox: Rig) -> None:
    name = sandbox.app.state.desk.store.add(b"<script>alert(1)</script>")
    async with sandbox.http.get(f"{sandbox.url}/documents/{name}") as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_names_and_questions_are_escaped(sandbox: Rig) -> None:
    desk = sandbox.app.state.desk
    kept = desk.store.case("C-TEST-0001")
    nasty = "<img src=x onerror=alert(1)>"
    for entry in kept.bundle["entry"]:
        for text in (*entry["resource"].get("name", ()), *entry["resource"].get("note", ())):
            text["text"] = nasty
    desk.store.keep(kept)
    for path in ("/", CASE, f"{CASE}/opinion"):
        page = await sandbox.page(path)
        assert "&lt;img" in page
        assert nasty not in page


@pytest.mark.parametrize("path", ["/cases/nobody", "/cases/..%2f..%2fkeys", "/documents/abc"])
async def test_what_is_not_there(sandbox: Rig, path: str) -> None:
    async with sandbox.http.get(sandbox.url + path) as answer:
        assert answer.status == 404


def spoilt(sent: dict[str, Any], what: str) -> Any:
    """A bundle with one thing wrong."""
    found = copy.deepcopy(sent)
    papers = [one["resource"] for one in found["entry"]]
    attachment = next(one for one in papers if one["resourceType"] == "DocumentReference")
    match what:
        case "dangling":
            papers[1]["patient"]["reference"] = "urn:uuid:00000000-0000-0000-0000-000000000000"
        case "gender":
            papers[0]["gender"] = ["female"]
        case "hash":
            attachment["content"][0]["attachment"]["extension"][0]["valueString"] = "0" * 64
        case "size":
            attachment["content"][0]["attachment"]["size"] += 1
        case "batch":
            found["type"] = "batch"
        case "number":
            papers[-2]["groupIdentifier"]["value"] = "../../x"
        case "list":
            return []
        case "entry":
            found["entry"][3] = "words"
        case "type":
            papers[2]["resourceType"] = "os"
    return found


@pytest.mark.parametrize(
    "what", ["dangling", "gender", "hash", "size", "batch", "number", "entry", "type", "list"]
)
async def test_an_unsound_bundle_is_refused(sandbox: Rig, what: str) -> None:
    bundle = spoilt(sandbox.app.state.desk.store.case("C-TEST-0001").bundle, what)
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "another"}
    async with sandbox.http.post(f"{sandbox.url}/fhir", json=bundle, headers=headers) as answer:
        told = await answer.text()
        assert answer.status == (400 if what == "list" else 422)
    assert json.loads(told)["resourceType"] == "OperationOutcome"
    assert "Sunita" not in told


def words(data: bytes) -> str:
    """The text of a PDF."""
    return " ".join(
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(data)).pages
    )


SCRIPTS = "English ₹ हिन्दी বাংলা తెలుగు मराठी தமிழ் ગુજરાતી اردو ಕನ್ನಡ ଓଡ଼ିଆ മലയാളം ਪੰਜਾਬੀ অসমীয়া 😀 \u200d"


@pytest.mark.slow
def test_the_paper_takes_every_script() -> None:
    sections = {name: f"{title}. {SCRIPTS * 40}" for name, title in SECTIONS.items()}
    written = Written("Dr फ", "", "R-1", SCRIPTS, sections)
    data = pdf(written, "C-TEST-0001", datetime(2026, 11, 24, tzinfo=UTC))
    assert len(pypdf.PdfReader(BytesIO(data)).pages) > 2
    assert "Limits of this opinion" in words(data)


def test_the_sandbox_needs_a_token(tmp_path: Path) -> None:
    async def post(body: bytes, headers: dict[str, str]) -> int:
        return 200

    with pytest.raises(ValueError, match="token"):
        sandbox_app(tmp_path, post, SECRET, lambda: datetime.now(UTC), token="")


@pytest.mark.browser
async def test_in_a_browser_by_its_labels(sandbox: Rig) -> None:
    if reason := browser.available():
        pytest.skip(reason)
    async with async_playwright() as playwright:
        page = await (await browser.launch(playwright)).new_page(
            viewport={"width": 390, "height": 844}
        )
        await page.goto(sandbox.url + "/")
        await page.get_by_role("link", name="C-TEST-0001").click()
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await page.get_by_label("Document", exact=True).select_option(label="PET-CT report")
        await page.get_by_label("Note for the family").fill("If it was done.")
        await page.get_by_role("button", name="Ask for this record").click()
        await page.get_by_role("link", name="Write the opinion").click()
        for name, title in SECTIONS.items():
            if name != "experts":
                await page.get_by_label(title).fill(f"Fictional {title}")
        await page.get_by_label("Doctor's name").fill("Dr Fictional Expert")
        await page.get_by_label("Registration number").last.fill("COUNCIL-00000")
        await page.get_by_role("button", name="Sign and send the opinion").click()
        await page.get_by_role("button", name="With the panel").click()
        await page.get_by_label("First time").fill("2026-12-01T18:00")
        await page.get_by_role("button", name="Offer these times").click()
    kinds = [event.type for event in await arrived(sandbox, 4)]
    assert kinds == ["missing", "opinion", "status", "slot"]


def test_the_stories_have_what_the_rig_sends() -> None:
    conversation, case = load_case("breast")
    assert conversation.case == case
