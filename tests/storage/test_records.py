"""What the record gives back, and to whom it does not."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.conversation import Case
from flows.messages import Address, Delivery
from storage.keyring import KeyErased, Keyring
from storage.mailbox_wire import subject
from storage.record_dead import DeadLetters
from storage.recorder import Recorder
from storage.records import KeyTable, LinkedFile, Marks, Records, Templates
from storage.redis_mailbox import RedisMailbox, conversation_id
from tests.storage.recording import (
    AGENT_ASKED,
    AGENT_SAID,
    ASHA,
    HELLO,
    MASTER,
    QUESTION,
    START,
    SUBMIT,
    Boxes,
    Clock,
    asha,
    other,
    rows,
)

INDEX_KEY = b"i" * 32


@pytest.fixture
async def recorded(boxes: Boxes, recorder: Recorder) -> None:
    """Asha's and two other chats are in the record."""
    for conversation in (asha(status="with_panel"), other(1), other(2)):
        await boxes.commit(conversation, 1)
    await recorder.once()


async def test_nobody_is_restored_who_never_wrote(records: Records) -> None:
    assert await records.restore("c0ffee01") is None


@pytest.mark.usefixtures("recorded")
async def test_a_case_by_id_and_by_number(records: Records) -> None:
    whole = asha(status="with_panel")
    assert await records.restore("c0ffee01") == whole
    assert await records.case("case1") == (whole, whole.cases[0])
    assert await records.case_by_number(" k7m-2qx-94t ") == (whole, whole.cases[0])
    assert await records.address_of_case("K7M-2QX-94T") == ASHA
    assert await records.case("case9") is None
    assert await records.case_by_number("K7M-2QX-94U") is None
    assert await records.address_of_case("") is None


async def test_a_number_drawn_twice_shows_nobody(
    boxes: Boxes, recorder: Recorder, records: Records
) -> None:
    await boxes.commit(asha(), 1)
    twin = replace(other(1), cases=(Case("case-1", "K7M-2QX-94T"),))
    await boxes.commit(twin, 1)
    await recorder.once()
    assert await records.case_by_number("K7M-2QX-94T") is None
    assert await records.case("case-1") == (twin, twin.cases[0])


@pytest.mark.usefixtures("recorded")
async def test_open_cases_are_those_with_the_backend(records: Records) -> None:
    assert await records.open_cases() == [("case1", "K7M-2QX-94T", "with_panel")]


async def talk(boxes: Boxes) -> None:
    name = asha().id
    await boxes.heard(name, HELLO, START)
    await boxes.sent(name, 1, QUESTION, START + timedelta(seconds=1))
    boxes.receipt(name, 1, Delivery.FAILED, "63016")
    await boxes.heard(name, AGENT_ASKED, START + timedelta(seconds=2))
    await boxes.sent(name, 2, AGENT_SAID, START + timedelta(seconds=3))


async def test_history_in_order_and_who_said_it(
    boxes: Boxes, recorder: Recorder, records: Records
) -> None:
    await talk(boxes)
    await recorder.once()
    history = await records.history("c0ffee01", 10)
    assert [(each.direction, each.by, each.what) for each in history] == [
        ("in", "person", HELLO),
        ("out", "bot", QUESTION),
        ("out", "agent", AGENT_SAID),
    ]
    assert [each.at for each in history] == [START + timedelta(seconds=n) for n in (0, 1, 3)]
    assert (history[1].delivery, history[1].code) == (Delivery.FAILED, "63016")
    assert history[0].delivery is None


async def test_history_page_by_page(boxes: Boxes, recorder: Recorder, records: Records) -> None:
    await talk(boxes)
    await recorder.once()
    newest = await records.history("c0ffee01", 2)
    older = await records.history("c0ffee01", 2, before=newest[0].seq)
    assert [each.what for each in older + newest] == [HELLO, QUESTION, AGENT_SAID]
    assert await records.history("c0ffee02", 2) == []


async def test_news_is_new_once(records: Records) -> None:
    assert await records.see_news("event-1", "case1")
    assert not await records.see_news("event-1", "case1")
    assert await records.see_news("event-2")


async def test_a_link_works_until_it_is_over(
    records: Records, clock: Clock, engine: AsyncEngine
) -> None:
    token = await records.link("case1", "ab" * 32, "Asha opinion.pdf", "application/pdf", 60)
    file = LinkedFile("case1", "ab" * 32, "Asha opinion.pdf", "application/pdf")
    clock.move(minutes=59)
    assert await records.file(token) == file
    assert await records.file(token + "x") is None
    assert await records.file("") is None
    await records.tidy()
    assert await records.file(token) == file
    clock.move(minutes=1)
    assert await records.file(token) is None
    await records.tidy()
    assert await rows(engine, "SELECT count(*) FROM file_links") == [(0,)]


async def test_the_table_of_links_helps_no_thief(records: Records, engine: AsyncEngine) -> None:
    token = await records.link("case1", "ab" * 32, "Asha opinion.pdf", "application/pdf", 60)
    shown = repr(await rows(engine, "SELECT * FROM file_links"))
    assert token not in shown
    assert "Asha" not in shown


@pytest.mark.usefixtures("recorded")
async def test_erasing_locks_the_chat_its_cases_and_links(
    records: Records, keyring: Keyring, engine: AsyncEngine
) -> None:
    token = await records.link("case1", "ab" * 32, "opinion.pdf", "application/pdf", 60)
    subjects = await records.erase("c0ffee01", "request-1", START + timedelta(days=365))
    assert set(subjects) == {"conversation:c0ffee01", "case:case1"}
    for each, wrapped in subjects.items():
        await keyring.forget(each, wrapped)
    assert await records.restore("c0ffee01") is None
    assert await records.history("c0ffee01", 10) == []
    with pytest.raises(KeyErased):
        await records.answers_history("case1", "patient_name")
    assert await records.file(token) is None
    assert await records.restore(other(1).id) == other(1)
    found = await rows(engine, "SELECT request, due_at - locked_at FROM erasures")
    assert found == [("request-1", timedelta(days=365))]


async def test_a_key_is_kept_once(engine: AsyncEngine) -> None:
    keys = KeyTable(engine)
    assert await keys.get("case:1") is None
    await keys.put("case:1", b"first")
    await keys.put("case:1", b"second")
    assert await keys.get("case:1") == b"first"


async def test_small_things_are_remembered(engine: AsyncEngine, records: Records) -> None:
    templates, marks = Templates(engine), Marks(engine)
    assert await templates.get("content:buttons:1") is None
    await templates.put("content:buttons:1", "HX1")
    await templates.put("content:buttons:1", "HX2")
    assert await templates.get("content:buttons:1") == "HX2"
    assert await marks.get("poll") == ""
    await marks.put("poll", "1")
    await marks.put("poll", "2")
    assert await marks.get("poll") == "2"
    await records.ping()


async def test_dead_letters_until_settled(
    boxes: Boxes, recorder: Recorder, engine: AsyncEngine
) -> None:
    await boxes.gave_up("c0ffee01", 4, SUBMIT, START)
    await recorder.dead_letters()
    letters = DeadLetters(engine)
    [letter] = await letters.list()
    assert (letter.kind, letter.code, letter.conversation) == ("submit_case", "503", "c0ffee01")
    await letters.settle(letter.conversation, letter.id, START)
    assert await letters.list() == []
    await recorder.dead_letters()
    assert await letters.list() == []


async def test_an_emptied_redis_costs_nobody_an_answer(
    redis: Redis, engine: AsyncEngine, clock: Clock
) -> None:
    keyring = Keyring(redis, MASTER, KeyTable(engine))
    records = Records(engine, keyring, clock)
    mailbox = RedisMailbox(redis, keyring, INDEX_KEY, records.restore, clock, lambda: "seed")
    recorder = Recorder(mailbox, engine, keyring, clock)
    name = conversation_id(INDEX_KEY, ASHA)
    [turn] = await mailbox.put([HELLO], claim=True)
    after = replace(asha(), id=name)
    [outgoing] = await mailbox.commit(turn, after, [QUESTION], claim=True) or []
    await mailbox.done(outgoing, "SM1")
    await mailbox.receipt("whatsapp", "SM1", Delivery.READ, "")
    assert await recorder.once() == 4
    assert await recorder.once() == 0
    await redis.flushall()
    clock.move(days=90)

    fresh = Keyring(redis, MASTER, KeyTable(engine))
    again = RedisMailbox(
        redis, fresh, INDEX_KEY, Records(engine, fresh, clock).restore, clock, lambda: "other"
    )
    [turn] = await again.put([replace(HELLO, id="SMin2", text="हाँ")], claim=True)
    assert turn.conversation == after
    assert await again.commit(turn, replace(after, step="review"), []) == []
    await Recorder(again, engine, fresh, clock).once()
    restored = await records.restore(name)
    assert restored
    assert restored.step == "review"
    history = await records.history(name, 10)
    assert [each.delivery for each in history] == [None, Delivery.READ, None]
    assert await records.case("case1")
    await mailbox.aclose()
    await again.aclose()


async def test_who_wrote_is_found_by_nothing_in_the_clear(engine: AsyncEngine) -> None:
    name = conversation_id(INDEX_KEY, Address("whatsapp", "+919800000001"))
    assert "9800000001" not in subject(name)
    assert len(name) == 32
