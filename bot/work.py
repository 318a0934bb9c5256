"""The loops of a worker: take turns, deliver, record, poll; each survives every fault."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from bot import sweep, turns
from bot.app import App
from bot.review import incoming
from storage.records import Marks

log = logging.getLogger(__name__)

TAKERS, DELIVERERS = 4, 8
RECORD_EVERY, BEAT_EVERY = 0.5, 1.0
# Whoever ends processes waits ten.
DRAIN_SECONDS = 8.0
RESCUE_EVERY, TIDY_EVERY = 60.0, 600.0


async def work(app: App, stop: asyncio.Event) -> None:
    """Work until told to stop; what runs then is ended first, for some seconds."""
    loops = [asyncio.create_task(each) for each in _loops(app, stop)]
    jobs = asyncio.create_task(_jobs(app))
    await stop.wait()
    app.works = False
    jobs.cancel()
    end = time.monotonic() + DRAIN_SECONDS
    while running := [each for each in (*loops, jobs, *app.tasks) if not each.done()]:
        if (left := end - time.monotonic()) <= 0:
            # What they held is leased: the next process takes it up.
            await _cancelled(running)
            return
        await asyncio.wait(running, timeout=left)


def _loops(app: App, stop: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
    loops = [forever(stop, lambda: _one(app, turns.take)) for _ in range(TAKERS)]
    loops += [forever(stop, lambda: _one(app, turns.deliver_next)) for _ in range(DELIVERERS)]
    loops += [
        forever(stop, app.mailbox.beat, BEAT_EVERY),
        forever(stop, app.recorder.once, RECORD_EVERY),
        forever(stop, app.jobs.rescue, RESCUE_EVERY),
        forever(stop, lambda: tidy(app), TIDY_EVERY),
        _polling(app, stop),
        forever(stop, sweep.Sweep(app).once, sweep.EVERY),
    ]
    return loops


async def _cancelled(running: Sequence[asyncio.Task[Any]]) -> None:
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _one(app: App, step: Callable[[App], Awaitable[bool]]) -> None:
    if not await step(app):
        await app.mailbox.wait(1.0)


async def tidy(app: App) -> None:
    """Remove what is over, destroy what is due, show what could not be delivered."""
    await app.recorder.dead_letters()
    await app.records.tidy()
    await app.records.destroy(app.documents)


async def forever(
    stop: asyncio.Event, step: Callable[[], Awaitable[object]], every: float = 0.0
) -> None:
    """Again and again; a fault waits longer each time, never ends it."""
    faults = 0
    while not stop.is_set():
        try:
            await step()
            faults = 0
        except asyncio.CancelledError:
            raise
        except Exception as error:
            faults = min(faults + 1, 5)
            log.warning("%s: %s", getattr(step, "__qualname__", "step"), type(error).__name__)
        await _pause(stop, every if not faults else 0.2 * 2**faults)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    if seconds:
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return


async def _jobs(app: App) -> None:
    while True:
        try:
            await app.jobs.run()
        except Exception as error:
            log.warning("jobs: %s", type(error).__name__)
            await asyncio.sleep(2)


async def _polling(app: App, stop: asyncio.Event) -> None:
    seconds = app.settings.review.poll_seconds
    if not seconds:
        return
    marks = Marks(app.engine)

    async def once() -> None:
        cursor = await incoming.poll(app, await marks.get("review"))
        await marks.put("review", cursor)

    await forever(stop, once, seconds)
