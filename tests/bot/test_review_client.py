"""The client against the sandbox over real HTTP, and against servers that misbehave."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.review.client import ReviewClient, ReviewFailed, Upload
from bot.review.fhir import bundle
from flows.turnaround import ZONE
from tests.bot.review_rig import TOKEN, Rig, rig, upload, uploads
from tests.cases import load_case, paper_bytes
from tests.web import serving


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as found:
        yield found


@pytest.mark.parametrize("name", ["breast", "prostate"])
async def test_a_case_arrives_with_its_documents(sandbox: Rig, name: str) -> None:
    sent = await sandbox.send(name)
    store = sandbox.app.state.desk.store
    (kept,) = store.cases()
    assert kept.bundle == sent
    for sha256, data in paper_bytes(name).items():
        assert store.document(sha256).read_bytes() == data


async def test_the_same_key_twice_is_one_case_and_one_answer(sandbox: Rig) -> None:
    await sandbox.send("breast")
    await sandbox.send("breast")
    assert len(sandbox.app.state.desk.store.cases()) == 1


async def test_a_case_that_grew_before_it_was_acknowledged_is_taken_as_sent(sandbox: Rig) -> None:
    """The answer was lost, and the family adds a page: that is told later, by itself."""
    sent = await sandbox.send("breast")
    grown = {**sent, "entry": [*sent["entry"], sent["entry"][-1]]}
    await sandbox.client.submit(load_case("breast")[1].id, grown, [])
    (kept,) = sandbox.app.state.desk.store.cases()
    assert kept.bundle == sent


async def test_two_at_once_are_one_case(sandbox: Rig) -> None:
    await asyncio.gather(*(sandbox.send("breast") for _ in range(4)))
    assert len(sandbox.app.state.desk.store.cases()) == 1


async def test_the_same_number_under_another_key_is_refused_for_good(sandbox: Rig) -> None:
    await sandbox.send("breast")
    with pytest.raises(ReviewFailed) as failed:
        await sandbox.send("breast", key="another")
    assert (failed.value.code, failed.value.permanent) == ("http-409", True)


async def test_a_document_that_is_there_is_not_sent_again(sandbox: Rig) -> None:
    await sandbox.send("breast")
    known = uploads("breast")[0]

    def never() -> AsyncIterator[bytes]:
        raise AssertionError("read again")

    await sandbox.client.upload(Upload(known.sha256, known.mime, known.size, never))


async def test_a_wrong_token_is_refused_but_may_be_mended(sandbox: Rig) -> None:
    client = ReviewClient(sandbox.url, "wrong", sandbox.http)
    for call in (client.submit("k", {"entry": []}, []), client.upload(uploads("breast")[0])):
        with pytest.raises(ReviewFailed) as failed:
            await call
        assert (failed.value.code, failed.value.permanent) == ("http-401", False)


async def test_a_tampered_document_is_refused_and_not_kept(sandbox: Rig) -> None:
    sha256 = hashlib.sha256(b"as it was").hexdigest()
    with pytest.raises(ReviewFailed) as failed:
        await sandbox.client.upload(upload(b"as it is!", sha256))
    assert (failed.value.code, failed.value.permanent) == ("http-422", True)
    assert list((sandbox.app.state.desk.store.folder / "documents").iterdir()) == []


async def test_a_case_without_its_documents_is_refused(sandbox: Rig) -> None:
    conversation, case = load_case("breast")
    sent = bundle(conversation, case, datetime.now(ZONE), files=sandbox.url)
    with pytest.raises(ReviewFailed) as failed:
        await sandbox.client.submit(case.id, sent, [])
    assert failed.value.code == "http-422"
    assert sandbox.app.state.desk.store.cases() == []


async def test_a_large_document_is_streamed(sandbox: Rig) -> None:
    block, blocks, alive = b"x" * 1_048_576, 40, 0
    sha256 = hashlib.sha256(block * blocks).hexdigest()

    async def stream() -> AsyncIterator[bytes]:
        nonlocal alive
        for _ in range(blocks):
            alive += 1
            yield block

    sent = Upload(sha256, "application/dicom", len(block) * blocks, stream)
    await sandbox.client.upload(sent)
    assert alive == blocks
    assert sandbox.app.state.desk.store.document(sha256).stat().st_size == sent.size
    fetched = hashlib.sha256()
    async for chunk in sandbox.client.fetch(f"documents/{sha256}"):
        assert len(chunk) <= 65_536
        fetched.update(chunk)
    assert fetched.hexdigest() == sha256


async def test_telling_twice_is_told_once(sandbox: Rig) -> None:
    await sandbox.send("breast")
    for _ in range(2):
        await sandbox.client.tell("C-TEST-0001", "slot", {"slot": "s1"})
    case = sandbox.app.state.desk.store.case("C-TEST-0001")
    assert [one["what"] for one in case.told] == ["slot"]
    assert case.chosen == "s1"


async def test_telling_about_a_case_that_is_not_there(sandbox: Rig) -> None:
    with pytest.raises(ReviewFailed) as failed:
        await sandbox.client.tell("C-NONE", "slot", {"slot": "s1"})
    assert failed.value.code == "http-404"


async def test_polling_goes_on_where_it_stopped(sandbox: Rig) -> None:
    await sandbox.send("breast")
    await sandbox.form("/cases/C-TEST-0001/status", status="being_checked")
    found, cursor = await sandbox.client.events()
    assert [event.detail for event in found] == [{"status": "being_checked"}]
    await sandbox.form("/cases/C-TEST-0001/status", status="with_panel")
    found, after = await sandbox.client.events(cursor)
    assert [event.detail for event in found] == [{"status": "with_panel"}]
    assert await sandbox.client.events(after) == ([], after)


FOREIGN = ["https://elsewhere.example/x", "//elsewhere.example/x", "/other", "../x", "a/../../x"]


@pytest.mark.parametrize("url", FOREIGN)
async def test_the_token_goes_nowhere_else(sandbox: Rig, url: str) -> None:
    with pytest.raises(ReviewFailed) as failed:
        async for _ in sandbox.client.fetch(url):
            pass
    assert failed.value.code == "foreign-address"


async def test_nobody_answers() -> None:
    async with aiohttp.ClientSession() as http:
        client = ReviewClient("http://127.0.0.1:9", TOKEN, http)
        with pytest.raises(ReviewFailed) as failed:
            await client.submit("k", {"entry": []}, [])
    assert not failed.value.permanent


ANSWERS = [
    pytest.param(JSONResponse({}), "not-acknowledged", id="an empty answer"),
    pytest.param(JSONResponse([]), "not-json", id="a list"),
    pytest.param(Response("OK"), "not-json", id="words"),
    pytest.param(
        JSONResponse({"type": "transaction-response", "entry": []}),
        "not-acknowledged",
        id="too few",
    ),
    pytest.param(
        JSONResponse(
            {"type": "transaction-response", "entry": [{"response": {"status": "422 Bad"}}]}
        ),
        "not-acknowledged",
        id="one failed",
    ),
    pytest.param(Response(status_code=503), "http-503", id="down"),
    pytest.param(RedirectResponse("https://elsewhere.example/"), "http-307", id="sent elsewhere"),
]


@pytest.mark.parametrize(("given", "code"), ANSWERS)
async def test_only_a_full_acknowledgement_counts(given: Response, code: str) -> None:
    async def fhir(request: Request) -> Response:
        return given

    async with (
        serving([Route("/fhir", fhir, methods=["POST"])]) as url,
        aiohttp.ClientSession() as http,
    ):
        with pytest.raises(ReviewFailed) as failed:
            await ReviewClient(url, TOKEN, http).submit("k", {"entry": [{}]}, [])
    assert (failed.value.code, failed.value.permanent) == (code, False)
