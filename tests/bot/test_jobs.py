"""A job asked for again while it runs, or after its worker died: done once, and never stuck."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import jobs
from bot.jobs import Jobs, Work
from storage.database import open_engine

pytestmark = pytest.mark.slow


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(migrated_url)
    yield opened
    await opened.dispose()


class Worker:
    """Does jobs; the first time as `first` says."""

    def __init__(self, url: str) -> None:
        self.done: list[str] = []
        self.failing = False
        self.entered, self.free = asyncio.Event(), asyncio.Event()
        work: dict[str, Work] = {"submit": self.submit, "tell": self.tell}
        work |= {"bind": self.bind, "read": self.read}
        self.jobs = Jobs(url, lambda: work)

    async def submit(self, case: str) -> None:
        self.entered.set()
        await self.free.wait()
        if self.failing:
            self.failing = False
            raise ConnectionError("the backend is away")
        self.done.append(case)

    async def read(self, case: str, document: str) -> None:
        await self.free.wait()
        self.done.append(document)

    async def tell(self, case: str, what: str, detail: dict[str, str]) -> None:
        self.entered.set()
        await self.free.wait()
        self.done.append(f"{case} {what}")

    async def bind(self, case: str) -> None:
        self.entered.set()
        await self.free.wait()
        again = await self.jobs.bound_again(case)
        self.done.append(f"{case} bound{' again' * again}")


@pytest.fixture
async def worker(migrated_url: str) -> AsyncIterator[Worker]:
    made = Worker(migrated_url)
    await made.jobs.open()
    running = asyncio.create_task(made.jobs.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await made.jobs.close()


async def rows(engine: AsyncEngine, query: str) -> list[Any]:
    async with engine.begin() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def until_empty(engine: AsyncEngine) -> None:
    async with asyncio.timeout(15):
        while await rows(engine, "SELECT 1 FROM procrastinate_jobs"):
            await asyncio.sleep(0.05)


async def test_asked_for_again_while_it_runs_and_fails(worker: Worker, engine: AsyncEngine) -> None:
    worker.failing = True
    await worker.jobs.submit("c1")
    await worker.entered.wait()
    await worker.jobs.submit("c1")  # the effect is tried again: its end was not written down
    worker.free.set()
    await until_empty(engine)
    assert worker.done == ["c1"]


async def test_each_failure_is_logged_without_what_was_in_it(
    worker: Worker, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    worker.failing = True
    worker.free.set()
    await worker.jobs.submit("c1")
    await until_empty(engine)
    assert [r.getMessage() for r in caplog.records if r.name == "bot.jobs"] == [
        "job failed: submit ConnectionError"
    ]


async def test_a_dead_workers_job_gives_way_to_the_same_one(
    migrated_url: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STALLED", 0.0)
    made = Worker(migrated_url)
    await made.jobs.open()
    await made.jobs.submit("c1")
    same = "lock, queueing_lock, queue_name, task_name, args"
    await rows(engine, "UPDATE procrastinate_jobs SET status = 'doing' RETURNING 1")
    insert = f"INSERT INTO procrastinate_jobs ({same}) SELECT {same} FROM procrastinate_jobs"
    await rows(engine, f"{insert} RETURNING 1")
    await made.jobs.rescue()
    assert await rows(engine, "SELECT status FROM procrastinate_jobs") == [("todo",)]
    made.free.set()
    running = asyncio.create_task(made.jobs.run())
    await until_empty(engine)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert made.done == ["c1"]
    await made.jobs.close()


async def test_the_last_of_several_knows_that_it_is_the_last(
    worker: Worker, engine: AsyncEngine
) -> None:
    await worker.jobs.bind("c1", "first")
    await worker.entered.wait()
    for why in ("second", "third"):
        await worker.jobs.bind("c1", why)
    await worker.jobs.bind("c2", "first")
    worker.free.set()
    await until_empty(engine)
    bound = [one for one in worker.done if one.startswith("c1")]
    assert bound == ["c1 bound again", "c1 bound again", "c1 bound"]
    assert "c2 bound" in worker.done


async def test_nothing_waits_for_what_is_read_and_bound(
    worker: Worker, engine: AsyncEngine
) -> None:
    await worker.jobs.bind("c1", "first")
    await worker.entered.wait()
    worker.entered.clear()
    for name in ("d1", "d2", "d3", "d4", "d5"):
        await worker.jobs.read(name, "c1", name)
    await worker.jobs.tell("chosen", "c1", "slot", {})
    async with asyncio.timeout(10):
        await worker.entered.wait()
    worker.free.set()
    await until_empty(engine)
