"""Nothing leaves Redis before the record has it; nothing is recorded twice or in the clear."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.messages import Delivery, Message
from storage.database import open_engine
from storage.keyring import KeyErased, Keyring
from storage.mailbox_log import Checkpoint
from storage.recorder import NotRecorded, Recorder
from storage.records import KeyTable, Records
from storage.tables import Table
from tests.storage.recording import (
    ASHA,
    HELLO,
    MASTER,
    QUESTION,
    START,
    SUBMIT,
    Boxes,
    Clock,
    asha,
    given,
    other,
    paper,
    rows,
    with_answers,
)

PRIVATE = ["Asha", "asha", "9800000001", "lump", "breast", "broken scanner", "summary of"]
VERSIONS = "SELECT field, xmin::text FROM answers ORDER BY field, at"


async def test_a_conversation_with_its_case(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    await boxes.commit(asha(), 7)
    assert await recorder.once() == 1
    assert boxes.marked == {}
    found = await rows(engine, "SELECT id, channel, rev, language, holder FROM conversations")
    assert found == [("c0ffee01", "whatsapp", 7, "hi", "bot")]
    found = await rows(engine, "SELECT id, conversation_id, number, status FROM cases")
    assert found == [("case1", "c0ffee01", "K7M-2QX-94T", "draft")]
    assert len(await rows(engine, "SELECT * FROM answers")) == 5


async def test_consents_each_on_its_own(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    found = await rows(engine, "SELECT item, granted, notice_version, language FROM consents")
    assert sorted(found) == [
        ("consent_data", True, "1", "hi"),
        ("consent_panel", True, "1", "hi"),
        ("patient_agrees", False, "1", "hi"),
    ]


async def test_nothing_readable_is_recorded(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    full = asha(opinion_summary="summary of Asha", waivers={"biopsy": "broken scanner"})
    await boxes.commit(replace(full, profile_name="Asha", phone="+919800000001"), 1)
    await boxes.heard(full.id, HELLO, START)
    await boxes.sent(full.id, 1, QUESTION, START)
    await recorder.once()
    for table in Table.metadata.tables:
        for row in await rows(engine, f"SELECT t::text, * FROM {table} t"):
            shown = repr(tuple(row))
            assert [word for word in PRIVATE if word in shown] == []
            assert not any(b"Asha" in each for each in row if isinstance(each, bytes))


async def test_a_changed_answer_is_a_further_row(
    boxes: Boxes, recorder: Recorder, records: Records
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    changed = with_answers(asha(), cancer_type=given("ovary", 9, said="no, ovary"))
    await boxes.commit(changed, 2)
    await recorder.once()
    history = await records.answers_history("case1", "cancer_type")
    assert [(each.value, each.said) for each in history] == [("breast", ""), ("ovary", "no, ovary")]
    assert await records.restore("c0ffee01") == changed


async def test_an_answer_taken_back_stays_in_the_history(
    boxes: Boxes, recorder: Recorder, records: Records, clock: Clock
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    answers = {k: v for k, v in asha().cases[0].answers.items() if k != "cancer_type"}
    await boxes.commit(asha(answers=answers), 2)
    clock.move(hours=1)
    await recorder.once()
    history = await records.answers_history("case1", "cancer_type")
    assert [(each.value, each.how) for each in history] == [
        ("breast", "given"),
        (None, "withdrawn"),
    ]


@pytest.mark.parametrize("restarted", [False, True], ids=["warm", "restarted"])
async def test_only_what_changed_is_written(
    restarted: bool,
    boxes: Boxes,
    recorder: Recorder,
    engine: AsyncEngine,
    keyring: Keyring,
    clock: Clock,
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    before = dict(tuple(row) for row in await rows(engine, VERSIONS))
    await boxes.commit(with_answers(asha(), sex=given("female", 8)), 2)
    await (Recorder(boxes, engine, keyring, clock) if restarted else recorder).once()
    after = dict(tuple(row) for row in await rows(engine, VERSIONS))
    assert after.keys() - before.keys() == {"sex"}
    assert {field: after[field] for field in before} == before


async def test_papers_come_and_go(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine, clock: Clock
) -> None:
    two = {"biopsy": (paper("aa"), paper("bb", pages=3, verdict="warn"))}
    await boxes.commit(asha(papers=two), 1)
    await recorder.once()
    await boxes.commit(asha(papers={"biopsy": (paper("bb"),)}), 2)
    gone = clock.move(minutes=5)
    await recorder.once()
    query = "SELECT document, pages, verdict, measures, removed_at FROM documents ORDER BY document"
    assert await rows(engine, query) == [
        ("aa", 1, "ok", {"sharp": 0.9}, gone),
        ("bb", 1, "ok", {"sharp": 0.9}, None),
    ]


async def test_waivers_come_and_go(boxes: Boxes, recorder: Recorder, engine: AsyncEngine) -> None:
    await boxes.commit(asha(waivers={"biopsy": "lost", "scan": "none"}), 1)
    await recorder.once()
    await boxes.commit(asha(waivers={"biopsy": "lost"}), 2)
    await recorder.once()
    found = await rows(engine, "SELECT slot, removed_at IS NULL FROM waivers ORDER BY slot")
    assert found == [("biopsy", True), ("scan", False)]


async def test_the_log_and_how_far_bubbles_got(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    name = asha().id
    await boxes.heard(name, HELLO, START)
    await boxes.sent(name, 1, QUESTION, START)
    boxes.receipt(name, 1, Delivery.READ)
    boxes.receipt(name, 1, Delivery.DELIVERED)
    await recorder.once()
    assert boxes.lines == []
    boxes.receipt(name, 1, Delivery.ACCEPTED)
    await recorder.once()
    query = "SELECT direction, kind, provider_id, delivery FROM messages ORDER BY seq"
    assert await rows(engine, query) == [
        ("in", "message", "", 0),
        ("out", "say", "SM1", Delivery.READ),
    ]


async def test_dead_letters_once_each(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    await boxes.gave_up("c0ffee01", 4, SUBMIT, START)
    await recorder.dead_letters()
    await recorder.dead_letters()
    found = await rows(engine, "SELECT id, kind, code FROM dead_letters")
    assert found == [("c0ffee01.4", "submit_case", "503")]


async def test_more_dead_letters_than_one_batch(
    boxes: Boxes, engine: AsyncEngine, keyring: Keyring, clock: Clock
) -> None:
    for number in range(5):
        await boxes.gave_up("c0ffee01", number, SUBMIT, START)
    await Recorder(boxes, engine, keyring, clock, batch=2).dead_letters()
    assert len(await rows(engine, "SELECT id FROM dead_letters")) == 5
    assert boxes.letters == []


async def test_a_crash_between_database_and_redis_repeats_nothing(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine, keyring: Keyring, clock: Clock
) -> None:
    await boxes.commit(asha(waivers={"biopsy": "lost"}, papers={"scan": (paper("aa"),)}), 1)
    await boxes.heard("c0ffee01", HELLO, START)
    marked, lines = dict(boxes.marked), list(boxes.lines)
    await recorder.once()
    tables = "answers", "documents", "waivers", "consents", "messages", "conversations"
    before = [await rows(engine, f"SELECT * FROM {each}") for each in tables]
    boxes.marked, boxes.lines = marked, lines
    await Recorder(boxes, engine, keyring, clock).once()
    assert [await rows(engine, f"SELECT * FROM {each}") for each in tables] == before
    assert not boxes.marked
    assert not boxes.lines


@pytest.fixture
async def nowhere() -> AsyncIterator[AsyncEngine]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        engine = open_engine(f"postgresql://saathi@127.0.0.1:{taken.getsockname()[1]}/saathi")
        yield engine
        await engine.dispose()


@pytest.mark.parametrize("only", ["checkpoint", "log"])
async def test_a_database_that_is_down_loses_nothing(
    only: str,
    boxes: Boxes,
    recorder: Recorder,
    keyring: Keyring,
    clock: Clock,
    nowhere: AsyncEngine,
) -> None:
    if only == "checkpoint":
        await boxes.commit(asha(), 1)
    else:
        await boxes.heard("c0ffee01", HELLO, START)
    marked, lines = dict(boxes.marked), list(boxes.lines)
    with pytest.raises(OperationalError):
        await Recorder(boxes, nowhere, keyring, clock).once()
    assert (boxes.marked, boxes.lines) == (marked, lines)
    assert await recorder.once() == 1
    assert (boxes.marked, boxes.lines) == ({}, [])


async def test_an_error_of_the_database_tells_nothing_private(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    await boxes.commit(asha(), 1)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE answers ADD CHECK (field <> 'patient_name')")
    with pytest.raises(NotRecorded) as caught:
        await recorder.once()
    assert str(caught.value) == "IntegrityError"
    assert [word for word in PRIVATE if word in repr(caught.value.__context__)] == []


async def test_an_older_checkpoint_never_replaces_a_newer_one(
    boxes: Boxes, recorder: Recorder, records: Records
) -> None:
    newer = with_answers(asha(), sex=given("female", 8))
    await boxes.commit(newer, 5)
    await recorder.once()
    await boxes.commit(asha(), 4)
    await recorder.once()
    assert boxes.marked == {}
    assert await records.restore("c0ffee01") == newer
    assert len(await records.answers_history("case1", "sex")) == 1


async def test_one_broken_conversation_keeps_no_other_out(
    boxes: Boxes, recorder: Recorder, records: Records
) -> None:
    await boxes.commit(asha(), 1)
    await boxes.commit(other(1), 1)
    await boxes.heard("c0ffee01", HELLO, START)
    boxes.marked["c0ffee01"] = Checkpoint("c0ffee01", 1, b"\x01 not ours" * 9)
    with pytest.raises(NotRecorded):
        await recorder.once()
    assert await records.restore(other(1).id) == other(1)
    assert list(boxes.marked) == ["c0ffee01"]


async def test_two_recorders_at_once(
    boxes: Boxes, engine: AsyncEngine, keyring: Keyring, clock: Clock, records: Records
) -> None:
    for number in range(40):
        await boxes.commit(other(number), 1)
    await asyncio.gather(*(Recorder(boxes, engine, keyring, clock).once() for _ in range(3)))
    for number in range(40):
        await boxes.commit(with_answers(other(number), sex=given("female")), 2)
    await asyncio.gather(*(Recorder(boxes, engine, keyring, clock).once() for _ in range(3)))
    assert boxes.marked == {}
    assert await rows(engine, "SELECT count(*), max(rev) FROM conversations") == [(40, 2)]
    assert await rows(engine, "SELECT count(*) FROM answers") == [(80,)]
    assert await records.case("case-39")


async def test_keep_records_this_one_now(
    boxes: Boxes, engine: AsyncEngine, keyring: Keyring, clock: Clock, records: Records
) -> None:
    for number in range(5):
        await boxes.commit(other(number), 1)
    await boxes.commit(asha(), 1)
    await Recorder(boxes, engine, keyring, clock, batch=2).keep("c0ffee01")
    assert await records.restore("c0ffee01") == asha()


async def test_keep_of_a_recorded_one_returns(boxes: Boxes, recorder: Recorder) -> None:
    await boxes.commit(other(1), 1)
    await recorder.keep("c0ffee01")
    assert boxes.marked == {}


async def test_keys_are_in_the_record_before_what_they_seal(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine, redis: Redis, records: Records
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    subjects = {row.subject for row in await rows(engine, "SELECT subject FROM keys")}
    assert subjects == {"conversation:c0ffee01", "case:case1"}
    await redis.flushall()
    fresh = Keyring(redis, MASTER, KeyTable(engine))
    assert await Records(engine, fresh, Clock()).restore("c0ffee01") == asha()


async def test_what_was_erased_is_not_recorded_again(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine, records: Records, keyring: Keyring
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    await boxes.commit(with_answers(asha(), sex=given("female", 8)), 2)
    for name, wrapped in (await records.erase("c0ffee01", "request-1", START)).items():
        await keyring.forget(name, wrapped)
    await recorder.once()
    assert boxes.marked == {}
    assert await rows(engine, "SELECT rev FROM conversations") == [(1,)]
    with pytest.raises(KeyErased):
        await keyring.key("case:case1")


async def test_a_state_of_before_is_not_recorded_while_its_key_goes(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine, records: Records, keyring: Keyring
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    await boxes.commit(with_answers(asha(), sex=given("female", 8)), 2)
    locked = await records.erase("c0ffee01", "request-1", START)
    await recorder.once()
    for name, wrapped in locked.items():
        await keyring.forget(name, wrapped)
    assert boxes.marked == {}
    assert await records.restore("c0ffee01") is None
    await boxes.commit(asha(), 3)
    await recorder.once()
    assert await records.restore("c0ffee01") == asha()


async def test_a_line_that_comes_after_its_key_went_hides_no_other(
    boxes: Boxes, recorder: Recorder, records: Records, keyring: Keyring
) -> None:
    await boxes.commit(asha(), 1)
    await boxes.heard("c0ffee01", Message("SM1", ASHA, "fictional"), START)
    await keyring.keep("conversation:c0ffee01")
    for name, wrapped in (await records.erase("c0ffee01", "request-1", START)).items():
        await keyring.forget(name, wrapped)
    await boxes.heard("c0ffee01", Message("SM2", ASHA, "fictional"), START)
    await recorder.once()
    lines = await records.history("c0ffee01", 9)
    assert [said.what.id for said in lines if isinstance(said.what, Message)] == ["SM2"]


async def test_many_conversations_in_few_round_trips(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    for number in range(300):
        await boxes.commit(other(number), 1)
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    await recorder.once()
    for number in range(300):
        await boxes.commit(with_answers(other(number), sex=given("female")), 2)
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    assert await recorder.once() == 300
    assert len(statements) <= 4
    assert await rows(engine, "SELECT count(*) FROM answers") == [(600,)]
