"""Rasa killed in the middle of a dialogue: it ends well by taps, numbers and words."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date

import psutil
import pytest

from bot.rasa import Rasa
from nlu import understand
from nlu.meaning import Context, Unclear
from tests.e2e import reading
from tests.e2e.backend import right
from tests.e2e.person import Person
from tests.e2e.process import ROOT, Saathi
from tests.e2e.rig import running
from tests.e2e.told import Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FREE = "can I pay in parts"  # an example of nlu/training/en.yml
WITH, WITHOUT = "recurrence", "ecog"  # the questions that stand when it is asked
MAY_LAST = 150.0


@dataclass
class Supervised:
    """The Rasa of a running Saathi."""

    saathi: Saathi
    kills: int = 0

    def processes(self) -> list[psutil.Process]:
        """It, while it runs."""
        return [one for one in self.saathi.children() if "--enable-api" in _words(one)]

    async def up(self) -> None:
        """Wait until it knows what is meant."""
        end = time.monotonic() + MAY_LAST
        while not await self._knows():
            assert time.monotonic() < end, "Rasa did not come up:\n" + self.saathi.log[-2000:]
            await asyncio.sleep(0.5)

    async def _knows(self) -> bool:
        for one in self.processes():
            words = _words(one)
            client = Rasa(f"http://127.0.0.1:{words[words.index('--port') + 1]}", _token(one))
            try:
                return await client.intent(FREE) == "cost"
            finally:
                await client.close()
        return False

    @asynccontextmanager
    async def kept_down(self) -> AsyncIterator[None]:
        """Killed now, and as soon as it comes back."""
        self._kill()
        keeping = asyncio.create_task(self._keep_down())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _keep_down(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            self._kill()

    def _kill(self) -> None:
        for one in self.processes():
            with suppress(psutil.NoSuchProcess):
                one.kill()
                self.kills += 1


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _token(process: psutil.Process) -> str:
    try:
        return process.environ().get("RASA_TOKEN", "")
    except psutil.Error:
        return ""


@dataclass
class Asking:
    """The person asks something of their own before two of their answers."""

    person: Person
    rasa: Supervised
    down: AsyncExitStack
    done: list[str]

    async def before(self) -> None:
        """Before an act: at the first question Rasa is there, at the second it is not."""
        pending = self.person.asked[-1:]
        if pending == [WITH] and WITH not in self.done:
            self.done.append(WITH)
            await self._ask(WITH, "cost.text")
        elif pending == [WITHOUT] and WITHOUT not in self.done:
            self.done.append(WITHOUT)
            await self.down.enter_async_context(self.rasa.kept_down())
            await self._ask(WITHOUT, "again.choice")

    async def _ask(self, question: str, answer: str) -> None:
        """The answer comes, and the question that stood is put again."""
        await self.person.chat.say(FREE)
        words = reading.words(answer, "en")[0].partition("{")[0]
        bubble = await self.person.sees(words)
        asked = reading.question(bubble.text, "en")
        if not asked:
            asked = reading.question((await self.person.sees("")).text, "en")
        assert asked
        assert asked.name == question


def test_only_rasa_can_know_what_is_asked() -> None:
    for kind in ("none", "choice", "choices", "yesno"):
        assert understand(FREE, Context(kind), "en", date(2026, 11, 24)) == Unclear()


async def test_rasa_is_killed_and_the_dialogue_goes_on() -> None:
    _needs_rasa()
    async with running(SAATHI_RASA__ENABLED="true") as rig, AsyncExitStack() as down:
        rasa = Supervised(rig.saathi)
        await rasa.up()
        person = Person(rig.on_telegram(), Told("prostate", own_phone=False))
        person.told.rows["ecog"]["say"] = "1"  # the number of the first row
        asking = Asking(person, rasa, down, [])
        person.before = asking.before
        await person.tell()
        await person.sees(reading.words("news.received", "en")[0].partition("{")[0])
        assert asking.done == [WITH, WITHOUT]
        assert rasa.kills > 0
        assert person.misunderstood == []
        assert person.repeats == 0
        (kept,) = rig.backend.cases()
        await right(rig.backend, person.told, kept)


def _needs_rasa() -> None:
    if not ((ROOT / ".venv-nlu/bin/rasa").exists() and (ROOT / ".build/models/current").exists()):
        missing = "Rasa is not installed: run `make setup`"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
