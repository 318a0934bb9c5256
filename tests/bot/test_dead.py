"""`saathi dead`: what was given up is listed without a private word, tried again, or settled."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import dead
from bot.settings import Settings, load
from bot.sources import Sources, opened
from flows.effects import Line, Say, SubmitCase
from flows.messages import Address, Message
from flows.turnaround import ZONE
from storage.record_dead import DeadLetters
from storage.recorder import Recorder

ASHA = Address("whatsapp", "in.asha", "+919800000001")  # fictional
SECRET = "Kokilaben"


@pytest.fixture
def settings(valkey_url: str, migrated_url: str, tmp_path: Path) -> Settings:
    parts: dict[str, Any] = {
        "redis": {"url": valkey_url},
        "database": {"url": migrated_url},
        "data_dir": tmp_path,
    }
    return load(None).model_copy(update=Settings(**parts).__dict__)


async def given_up(sources: Sources) -> None:
    """A message and a job, both given up, in the record."""
    box = sources.mailbox
    await box.put([Message("SM1", ASHA, "hello")])
    turn = await box.take()
    assert turn
    words = Say((Line("", literal=SECRET),))
    out = await box.commit(turn, turn.conversation, [words, SubmitCase("c1")], claim=True)
    for outgoing in out or ():
        await box.give_up(outgoing, "63016")
    recorder = Recorder(box, sources.engine, sources.keyring, lambda: datetime.now(ZONE))
    await recorder.once()
    await recorder.dead_letters()


def ids(listed: list[str]) -> dict[str, str]:
    """Their ids by what they are."""
    lines = [line.split() for line in listed[:-1]]
    return {line[3].rstrip(":"): line[0] for line in lines}


async def test_listed_shown_requeued_settled(settings: Settings) -> None:
    async with opened(settings) as sources:
        await given_up(sources)
        listed = await dead.listed(settings)
        found = ids(listed)
        assert set(found) == {"say", "submit_case"}
        shown = await dead.shown(settings, found["say"])
        assert "because of 63016" in shown[2]
        assert SECRET not in "\n".join([*listed, *shown])
        told = await dead.requeued(settings, found["say"])
        assert found["say"] in told
        again = await sources.mailbox.next_outgoing()
        assert again
        assert isinstance(again.effect, Say)
        assert (again.id, again.attempt) == (f"{found['say']}.1", 0)
        assert found["say"] in told
        await dead.settled(settings, found["submit_case"])
        assert await dead.listed(settings) == ["Nothing was given up."]
        with pytest.raises(dead.NotFound):
            await dead.requeued(settings, found["say"])


async def test_without_a_running_saathi_it_says_what_to_do(settings: Settings) -> None:
    async with opened(settings) as sources:
        await given_up(sources)
    found = ids(await dead.listed(settings))
    away = settings.redis.model_copy(update={"url": "redis://127.0.0.1:1"})
    apart = settings.model_copy(update={"redis": away})
    assert await dead.requeued(apart, found["say"]) == dead.ASLEEP
    assert found["say"] in ids(await dead.listed(settings)).values()


async def test_requeued_twice_it_is_sent_once(settings: Settings) -> None:
    async with opened(settings) as sources:
        await given_up(sources)
        box = sources.mailbox
        assert box
        [letter] = [each for each in await DeadLetters(sources.engine).list() if each.kind == "say"]
        for _ in range(2):
            await box.requeue(letter.conversation, letter.id, letter.sealed)
        first = await box.next_outgoing()
        assert first
        assert await box.done(first, "m1") == []
        await box.requeue(letter.conversation, letter.id, letter.sealed)
        assert await box.next_outgoing() is None


async def test_an_erased_one_can_only_be_settled(settings: Settings) -> None:
    async with opened(settings) as sources:
        await given_up(sources)
        found = ids(await dead.listed(settings))
        name = found["say"].partition(".")[0]
        async with sources.engine.begin() as connection:
            await connection.execute(text("UPDATE keys SET erased_at = now()"))
        await sources.keyring.forget(f"conversation:{name}")
        assert await dead.requeued(settings, found["say"]) == dead.GONE


async def test_a_job_that_failed_for_good(settings: Settings) -> None:
    async with opened(settings) as sources:
        async with sources.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, args)"
                    " VALUES ('saathi', 'submit', 'failed', 3, '{\"case\": \"c1\"}')"
                )
            )
        [line, _] = await dead.listed(settings)
        name = line.split()[0]
        assert line.endswith("submit for c1: 3 tries")
        assert (await dead.shown(settings, name))[1].endswith("c1")
        assert "again" in await dead.requeued(settings, name)
        assert await dead.listed(settings) == ["Nothing was given up."]
        async with sources.engine.connect() as connection:
            status = await connection.scalar(text("SELECT status FROM procrastinate_jobs"))
        assert status == "todo"
