"""The parts of the process end together: none goes on alone, and none hides why."""

import asyncio
import time

import pytest

from bot.channels import telegram_polling
from bot.channels.telegram_polling import watch
from bot.jobs import Jobs
from bot.serve import together


async def test_where_one_part_fails_the_others_end_first_and_the_reason_is_told() -> None:
    stop, ended = asyncio.Event(), []

    async def waits() -> None:
        await stop.wait()
        await asyncio.sleep(0.01)
        ended.append("waits")

    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise RuntimeError("the reason")

    with pytest.raises(RuntimeError, match="the reason"):
        await together(stop, waits(), fails())
    assert ended == ["waits"]


async def test_told_to_stop_all_end() -> None:
    stop = asyncio.Event()

    async def waits() -> None:
        await stop.wait()

    asyncio.get_running_loop().call_later(0.01, stop.set)
    await together(stop, waits(), waits())


class AtItsEnd(Jobs):
    """Workers of which one says something at its end, as where its database is gone."""

    async def _work_off(self, queue: str, together: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            if queue == "pages":
                raise ConnectionError


async def test_cancelled_jobs_are_cancelled_whatever_a_worker_says_at_its_end() -> None:
    running = asyncio.create_task(AtItsEnd("postgresql://nowhere", dict).run())
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_strange_answer_about_the_webhook_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, looks = asyncio.Event(), []

    async def look(*_: object) -> None:
        looks.append(time.monotonic())
        if len(looks) == 2:
            stop.set()
        raise AttributeError("url")

    monkeypatch.setattr(telegram_polling, "_look", look)
    async with asyncio.timeout(5):
        await watch(None, "https://saathi.example/telegram", stop, every=0.01)  # type: ignore[arg-type]
    assert len(looks) == 2
    assert "not looked at: AttributeError" in caplog.text
