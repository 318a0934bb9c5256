"""Erasing: locked at once, begun anew by the same person, destroyed by the promised day."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.documents import Documents, open_documents
from storage.keyring import KeyErased, Keyring
from storage.recorder import Recorder
from storage.records import Records
from tests.storage.recording import START, Boxes, Clock, asha, rows

CHAT = "c0ffee01"
DUE = START + timedelta(days=365)


async def photo(of: bytes = b" fictional report") -> AsyncIterator[bytes]:
    yield b"\xff\xd8\xff" + of


@pytest.fixture
async def documents(keyring: Keyring, tmp_path: Path) -> Documents:
    return open_documents("", "", "", keyring, tmp_path)


@pytest.fixture
async def erased(boxes: Boxes, recorder: Recorder, records: Records, keyring: Keyring) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    for name, wrapped in (await records.erase(CHAT, "R1", DUE)).items():
        await keyring.forget(name, wrapped)


@pytest.mark.usefixtures("erased")
async def test_no_key_of_a_case_comes_back(keyring: Keyring) -> None:
    with pytest.raises(KeyErased):
        await keyring.key("case:case1")


@pytest.mark.usefixtures("erased")
async def test_the_same_person_may_begin_anew(keyring: Keyring, engine: AsyncEngine) -> None:
    fresh = await keyring.key(f"conversation:{CHAT}")
    away = await rows(engine, "SELECT count(*) FROM keys WHERE subject LIKE 'locked:R1:%'")
    assert len(fresh) == 32
    assert away[0][0] >= 1


@pytest.mark.usefixtures("erased")
async def test_asking_twice_locks_once(records: Records, keyring: Keyring) -> None:
    await keyring.keep(f"conversation:{CHAT}")
    fresh = await keyring.key(f"conversation:{CHAT}")
    again = await records.erase(CHAT, "R1", DUE)
    assert set(again) == {f"conversation:{CHAT}", "case:case1"}
    for name, wrapped in again.items():
        await keyring.forget(name, wrapped)
    assert await keyring.key(f"conversation:{CHAT}") == fresh


async def test_what_a_crash_left_is_forgotten_when_asked_again(
    boxes: Boxes, recorder: Recorder, records: Records, keyring: Keyring
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    old = await keyring.key(f"conversation:{CHAT}")
    first = await records.erase(CHAT, "R1", DUE)
    assert await records.erase(CHAT, "R1", DUE) == first
    for name, wrapped in first.items():
        await keyring.forget(name, wrapped)
    assert await keyring.key(f"conversation:{CHAT}") != old


async def test_a_case_that_was_never_recorded_is_locked_too(
    records: Records, keyring: Keyring, engine: AsyncEngine
) -> None:
    await keyring.keep("case:unrecorded")
    away = await records.erase(CHAT, "R1", DUE, ["unrecorded", "unkept"])
    assert away == {"case:unrecorded": None, "case:unkept": None}
    assert await records.erase(CHAT, "R1", DUE, ["unrecorded", "unkept"]) == away
    for name in away:
        await keyring.forget(name)
        with pytest.raises(KeyErased):
            await keyring.key(name)
    assert await rows(engine, "SELECT 1 FROM keys WHERE wrapped IS NOT NULL") == []


async def test_all_of_it_is_gone_by_the_promised_day(
    boxes: Boxes,
    recorder: Recorder,
    records: Records,
    keyring: Keyring,
    documents: Documents,
    engine: AsyncEngine,
    clock: Clock,
    tmp_path: Path,
) -> None:
    await boxes.commit(asha(), 1)
    await recorder.once()
    kept = await documents.keep("case1", photo(), 10_000)
    await _say_it_is_that(engine, kept.document)
    await documents.keep("case1", photo(b"its mended view"), 10_000)
    for name, wrapped in (await records.erase(CHAT, "R1", DUE)).items():
        await keyring.forget(name, wrapped)
    assert await records.destroy(documents) == 0
    assert [file for file in tmp_path.rglob("*") if file.is_file()]
    clock.move(days=400)
    assert await records.destroy(documents) == 1
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    assert await rows(engine, "SELECT count(*) FROM answers WHERE case_id = 'case1'") == [(0,)]
    left = await rows(
        engine, "SELECT subject FROM keys WHERE erased_at IS NOT NULL AND wrapped IS NOT NULL"
    )
    assert left == []
    assert await records.destroy(documents) == 0


async def _say_it_is_that(engine: AsyncEngine, document: str) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO documents VALUES ('case1', 'other_document', %s, 'image/jpeg', 1, 1, 'ok',"
            " now(), '{}', NULL)",
            (document,),
        )
