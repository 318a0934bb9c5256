"""A bound case at the sandbox: it arrives, reads well, and follows what comes later."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import async_playwright

from bot.review.binding.case import bind_case
from bot.review.binding.reads import Reads
from bot.review.client import Upload
from bot.review.derived import Derived
from bot.review.fhir import bundle
from bot.review.validity import problems
from flows.turnaround import ZONE
from nlu.report.fact import Fact
from nlu.report.page import PageText
from storage.documents import whole
from tests import browser
from tests.bot.binding.bench import Bench, read
from tests.bot.review_rig import Rig, rig, upload
from tests.cases import load_case
from tests.files import photo, report_pdf

pytestmark = pytest.mark.slow
CASE = "/cases/C-TEST-0001"


def psa(pages: Sequence[PageText]) -> list[Fact]:
    """Every line that begins with PSA."""
    lines = [(n, line) for n, page in enumerate(pages, 1) for line in page.lines]
    told = [(n, line, line.text.split()) for n, line in lines if line.text.startswith("PSA")]
    return [Fact("psa", word[1], word[2], n, line.box, line.text) for n, line, word in told]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path / "sandbox") as found:
        yield found


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    """The fictional case with other papers: three photos, two PDFs."""
    made = Bench(tmp_path / "documents", reads=Reads(psa))
    made.case = replace(load_case("breast")[1], papers={})
    text = read("PSA 8.4 ng/mL", "सुनीता देवी")
    await made.put("biopsy_report", photo("biopsy 1"), dated="2026-10-20", text=text)
    await made.put("biopsy_report", photo("biopsy 2"), text=read("PSA 9.1 ng/mL"))
    await made.put("mammogram", photo("mammogram"), verdict="warn")
    await made.put("ihc_report", report_pdf("ihc"), "application/pdf", pages=2)
    await made.put("blood_tests", report_pdf("blood"), "application/pdf", pages=2)
    return made


async def send(sandbox: Rig, bench: Bench) -> tuple[dict[str, Any], tuple[Derived, ...]]:
    """Bind the case and submit it; its bundle, and what was made."""
    made = await bind_case(bench, bench.case)
    chat, case = load_case("breast")[0], bench.case
    found = bundle(chat, case, datetime.now(ZONE), files=sandbox.url, made=made)
    await sandbox.client.submit(case.id, found, await files(bench, made))
    return found, made


async def files(bench: Bench, made: Sequence[Derived]) -> list[Upload]:
    """Originals and made files."""
    papers = [one for group in bench.case.papers.values() for one in group]
    kinds = {one.document: one.mime for one in papers} | {one.document: one.mime for one in made}
    return [
        upload(await whole(bench.documents, bench.case.id, name), name, mime)
        for name, mime in kinds.items()
    ]


async def test_the_dossier_comes_first_and_all_is_sound(sandbox: Rig, bench: Bench) -> None:
    found, made = await send(sandbox, bench)
    assert problems(found) == []
    roles = [(one.role, one.slot, one.pages) for one in made]
    assert roles == [
        ("dossier", "", 8),
        ("combined", "biopsy_report", 2),
        ("combined", "mammogram", 1),
        ("summary", "", 1),
        ("facts", "", 0),
    ]
    by_url = {entry["fullUrl"]: entry["resource"] for entry in found["entry"]}
    request = next(one for one in by_url.values() if one["resourceType"] == "ServiceRequest")
    named = [by_url[one["reference"]].get("description") for one in request["supportingInfo"]]
    assert named[:2] == ["All documents in one PDF", "Biopsy report, one PDF"]


async def test_sending_twice_makes_nothing_twice(sandbox: Rig, bench: Bench) -> None:
    first, second = await send(sandbox, bench), await send(sandbox, bench)
    assert first == second
    assert len(list(sandbox.app.state.desk.store.cases())) == 1


async def test_what_a_machine_read_says_so(sandbox: Rig, bench: Bench) -> None:
    found, _ = await send(sandbox, bench)
    papers = [one["resource"] for one in found["entry"]]
    papers = [one for one in papers if one["resourceType"] == "DocumentReference"]
    marked = [one for one in papers if one.get("docStatus") == "preliminary"]
    assert [one["description"] for one in marked] == [
        "Machine-read values (unverified)",
        "Machine-read values (unverified), as data",
    ]
    for one in marked:
        assert one["meta"]["tag"][0]["code"] == "machine-read-unverified"
        assert one["meta"]["security"][0]["code"] == "UNCERTREL"
    assert all("meta" not in one for one in papers if one not in marked)


async def test_the_page_shows_the_dossier_the_documents_and_the_values(
    sandbox: Rig, bench: Bench
) -> None:
    _, made = await send(sandbox, bench)
    page = await sandbox.page(CASE)
    dossier = page.index(f"/documents/{made[0].document}")
    assert (
        dossier
        < page.index("<h2>Illness")
        < page.index("<h3>Pathology")
        < page.index("Originals, as they were sent (5)")
    )
    assert "8 pages, with an index" in page
    assert page.count("differs</em>") == 2
    for words in ("8.4 ng/mL", "9.1 ng/mL", "Biopsy report, page 2, upper third"):
        assert words in page
    assert "Machine-read, unverified" in page


async def test_what_comes_later_refreshes_what_was_made(sandbox: Rig, bench: Bench) -> None:
    _, before = await send(sandbox, bench)
    await bench.put("mammogram", photo("mammogram 2"))
    after = await bind_case(bench, bench.case)
    for file in await files(bench, after):
        await sandbox.client.upload(file)
    for one in after:
        detail = {"role": one.role, "slot": one.slot, "sha256": one.document}
        await sandbox.client.tell("C-TEST-0001", "made", {**detail, "pages": str(one.pages)})
    page = await sandbox.page(CASE)
    assert "9 pages, with an index" in page
    assert after[0].document in page
    assert before[0].document not in page
    # Both biopsy pages and both mammograms.
    assert page.count("2 pages, one PDF") == 2


async def test_values_that_are_no_values_do_no_harm(sandbox: Rig, bench: Bench) -> None:
    _, made = await send(sandbox, bench)
    store = sandbox.app.state.desk.store
    for spoilt in (b"[]", b"{", b'{"facts": [1]}', b'{"facts": [{"name": "<b>"}]}'):
        (store.folder / "documents" / made[-1].document).write_bytes(spoilt)
        assert "It found no value" in await sandbox.page(CASE)


async def test_a_case_without_anything_made_shows_its_originals_open(sandbox: Rig) -> None:
    await sandbox.send("breast")
    page = await sandbox.page(CASE)
    assert "<details open>" in page
    assert 'class="dossier"' not in page
    assert "Machine-read" not in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1200])
async def test_in_a_browser(sandbox: Rig, bench: Bench, width: int, tmp_path: Path) -> None:
    if reason := browser.available():
        pytest.skip(reason)
    await send(sandbox, bench)
    async with async_playwright() as playwright:
        page = await (await browser.launch(playwright)).new_page(
            viewport={"width": width, "height": 844}
        )
        await page.goto(sandbox.url + CASE)
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        original = page.get_by_role("link", name="Biopsy report, 1 of 2")
        assert not await original.is_visible()
        await page.get_by_text("Originals, as they were sent").click()
        assert await original.is_visible()
        await page.screenshot(path=tmp_path / f"case-{width}.png", full_page=True)
        href = await page.get_by_role("link", name="All documents in one PDF").get_attribute("href")
        assert href
        answer = await page.request.get(sandbox.url.removesuffix("/sandbox") + href)
        assert (await answer.body()).startswith(b"%PDF")
