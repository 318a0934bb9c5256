"""`kill -9` at every named point of the way: nothing is lost, nothing is done twice."""

import ast
import json
import re
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import now
from flows.effects import Listen, UnlockDocument, Wake
from flows.messages import AgentLeft, AgentTook, Attachment, Delivery, Message, Receipt
from storage.documents import once
from storage.keyring import KeyErased
from storage.partials import Ticket, new_id
from storage.points import POINTS
from storage.record_keys import KeyTable
from storage.record_seals import case_subject
from tests.cases import load_case, paper_bytes
from tests.faults.stage import ASHA, Stage, ready_to_send, stage
from tests.hostile.papers import locked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]
A_DAY = timedelta(days=1)
PHOTO = next(iter(paper_bytes("prostate").values()))
UPLOADING = {"upload.kept", "upload.told"}
ERASING = {p for p in POINTS if p.partition(".")[0] in ("EraseData", "erase", "forget")}
SAID = [
    "The review team has received your request",
    "I have asked a person to come.",
    "Meera from our team is here now",
    "The automatic assistant is back.",
    "Request C-TEST-0001: Received",
    "Which paper are you sending?",
    "Please send: CT scan report",
    "✓ CT scan report: 2 pages are here.",
    "Thank you, we pass it on to the doctors.",
    "Request C-TEST-0001: Received",
    "Your messages reached me in the wrong order. I have put them right.",
    "Request C-TEST-0001: Received",
    "Your request is on its way.",
    "What would you like to do?",
]
REFUSED = "Your request is on its way."
ERASED = "Your data is locked now"


def tap(number: int, choice: str) -> Message:
    return Message(f"T{number}", ASHA, choice, choice=choice, order=number)


async def story(on: Stage) -> None:
    """A case is sent, a person called, a page and a voice note kept; calls fail on the way.

    At the end what was given up is sent again.
    """
    (on.setup.folder / "page").write_bytes(PHOTO)
    (on.setup.folder / "refused").write_text(REFUSED, encoding="utf-8")
    (on.setup.folder / "voice").write_bytes(b"OggS" * 100)
    note = Listen(Attachment("voice", "audio/ogg", "", 400), "en")
    await on.begin(await ready_to_send(on), Wake("nothing", now()), note, await locked_away(on))
    on.send(tap(1, "0.review=send"))
    await on.bubbles(1)
    on.fail("send")
    on.send(tap(2, "!human"))
    await on.bubbles(2)
    on.send(AgentTook("A1", ASHA, "agent", "Meera"))
    await on.bubbles(3)
    on.send(AgentLeft("A2", ASHA, "agent"))
    await on.bubbles(4)
    on.fail("understand")
    on.send(Message("T3", ASHA, "status", order=3))
    await on.bubbles(5)
    message_id = f"m{on.last_sent_ends}"
    on.send(tap(4, "0.home=add_paper"))
    await on.bubbles(6)
    on.send(tap(5, "0.missing=ct_report"))
    await on.bubbles(7)
    on.fail("fetch")
    page = Attachment("page", "image/jpeg", "", len(PHOTO))
    on.send(Message("T6", ASHA, attachments=(page,), kind="photo", order=6))
    await on.bubbles(8)
    on.send(tap(7, "0.missing=done"))
    await on.bubbles(9)
    await on.settled()  # a turn of something else in between could not be taken back
    on.send(Message("T8", ASHA, "status", order=9))
    await on.bubbles(10)
    on.send(Message("T9", ASHA, "menu", order=8))  # overtaken
    await on.bubbles(12)
    on.send(Receipt("R1", ASHA, message_id, Delivery.DELIVERED))
    await on.settled()
    (on.setup.folder / "refused").unlink()
    await on.until(lambda: rows(on, "SELECT 1 FROM dead_letters"), "dead letter")
    (on.setup.folder / "requeue").touch()
    await on.bubbles(13)
    await on.until(lambda: not (on.setup.folder / "requeue").exists(), "requeuing")
    on.send(tap(10, "!aloud"))
    await on.bubbles(14)
    await on.settled()


async def locked_away(on: Stage) -> UnlockDocument:
    """The password of a PDF, whose case is gone meanwhile: nobody is told."""
    kept = await on.app.documents.keep("elsewhere", once(locked("right")), 10**8)
    return UnlockDocument("elsewhere", "ct_report", "u", kept.document, "right")


async def erasing(on: Stage) -> None:
    """Everything is to go."""
    await on.begin(await ready_to_send(on))
    on.send(tap(1, "!delete_data"))
    await on.bubbles(1)
    on.send(tap(2, "0.erase=yes"))
    await on.bubbles(2)
    await on.until(lambda: _erased(on), "erasure")
    await on.settled()


async def uploading(on: Stage) -> None:
    """All bytes of a big file have come."""
    state = await ready_to_send(on)
    await on.begin(state)
    ticket = Ticket(new_id(), ASHA, state.case.id, "mri_brain", len(PHOTO), now() + A_DAY)
    with closing(await on.uploads.partials.open(ticket)) as file:
        file.append(PHOTO)
        file.flush()
    await on.uploads.partials.put(ticket)
    await on.bubbles(1)
    await on.until(lambda: not parts(on), "the end of the upload")
    await on.settled()


def parts(on: Stage) -> list[Path]:
    return list((on.setup.folder / "data/uploads").rglob("*.part"))


async def came_once(on: Stage) -> None:
    assert on.all_sent == ["✓ MRI brain report: 2 pages are here."]
    found = await on.app.records.restore(on.name)
    assert found
    assert [paper.size for paper in found.case.papers["mri_brain"]] == [len(PHOTO)]
    assert [each.state for each in await on.uploads.partials.of(found.case.id)] == ["kept"]


async def _erased(on: Stage) -> bool:
    client: Any = on.app.redis
    kept = [key async for key in client.scan_iter(f"*{on.name}*")]
    return bool(await rows(on, "SELECT 1 FROM erasures")) and not kept


async def rows(on: Stage, query: str) -> list[Any]:
    async with on.app.engine.connect() as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]


async def nothing_lost(on: Stage, at: str) -> None:
    """What a whole run leaves behind, however often it was killed."""
    assert [a[: len(b)] for a, b in zip(on.sent, SAID, strict=True)] == SAID
    twice = Counter(on.all_sent) - Counter(on.sent)
    # The provider has a bubble, and the process dies before that is written down: neither
    # Telegram nor Twilio lets us ask, or send it only once. One chat has one on its way.
    assert sum(twice.values()) <= (at != ""), twice
    assert at != "Say.performed" or sum(twice.values()) == 1
    heard = await rows(on, "SELECT id FROM messages WHERE direction = 'in' ORDER BY seq")
    assert [one for (one,) in heard] == [f"T{n}" for n in range(1, 11)]
    said = await rows(on, "SELECT delivery FROM messages WHERE direction = 'out' ORDER BY seq")
    assert Counter(said) == {(Delivery.ACCEPTED,): 12, (Delivery.DELIVERED,): 1, (4,): 1}
    letters = "SELECT kind, code, settled_at IS NULL FROM dead_letters"
    assert await rows(on, letters) == [("say", "refused", False)]
    assert len(await rows(on, "SELECT id FROM handoffs")) == 1
    await _case_arrived_once(on)


async def _case_arrived_once(on: Stage) -> None:
    [file] = (on.setup.folder / "sandbox" / "cases").glob("*.json")
    kept = json.loads(file.read_bytes())
    # The paper, and the dossier made again with it.
    first, *made = kept["told"]
    assert first["what"] == "document"
    # Made once with the new page, once more when that was read.
    assert {told["what"] for told in made} == {"made"}
    files = [(told["detail"]["role"], told["detail"]["sha256"]) for told in made]
    assert len(files) == len(set(files))
    found = await on.app.records.restore(on.name)
    assert found
    assert found.case.status == "received"
    assert [note.mime for note in found.notes] == ["audio/ogg"]
    assert [paper.size for paper in found.case.papers["ct_report"]] == [len(PHOTO)]


async def all_gone(on: Stage) -> None:
    assert on.sent[1].startswith(ERASED), on.sent
    assert await on.app.records.restore(on.name) is None
    case = load_case("breast")[1]
    with pytest.raises(KeyErased):
        await KeyTable(on.app.engine).get(case_subject(case.id))


@pytest.fixture
async def on(tmp_path: Path, valkey_url: str, migrated_url: str) -> Any:
    async with stage(tmp_path, valkey_url, migrated_url) as opened:
        yield opened


async def test_a_run_without_a_kill_reaches_every_point(on: Stage) -> None:
    await story(on)
    await nothing_lost(on, "")
    assert on.reached == POINTS - ERASING - UPLOADING


async def test_erasing_reaches_the_others(on: Stage) -> None:
    await erasing(on)
    await all_gone(on)
    assert on.reached >= ERASING


async def test_an_upload_reaches_its_own(on: Stage) -> None:
    await uploading(on)
    await came_once(on)
    assert on.reached >= UPLOADING


@pytest.mark.parametrize("at", sorted(POINTS))
async def test_killed(on: Stage, at: str) -> None:
    on.at = at
    if at in ERASING:
        await erasing(on)
        await all_gone(on)
    elif at in UPLOADING:
        await uploading(on)
        await came_once(on)
    else:
        await story(on)
        await nothing_lost(on, at)
    assert on.deaths == 1


def test_every_point_of_the_code_is_named() -> None:
    """`reach` with a name that the list lacks, and names that nothing reaches."""
    plain = {name for file in sources() for name in reached_in(file)}
    assert plain == {"page.kept", "record.written", "log.written", "dead.written", *UPLOADING}
    assert plain <= POINTS


def test_nothing_outside_of_tests_can_arm_a_point() -> None:
    arming = [f.name for f in sources() if re.search(r"\barm\(", f.read_text(encoding="utf-8"))]
    assert arming == ["points.py"]


def sources() -> list[Path]:
    return [f for part in ("bot", "storage", "flows", "nlu") for f in (ROOT / part).rglob("*.py")]


def reached_in(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "reach"
        if isinstance(call.args[0], ast.Constant)
    ]
