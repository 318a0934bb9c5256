"""`kill -9` in the middle of a dialogue, at random points: the case arrives once, complete."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.e2e import reading
from tests.e2e.backend import right
from tests.e2e.chats import Bubble, Chat
from tests.e2e.person import Person
from tests.e2e.rig import Rig, running
from tests.e2e.told import Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Always the same points, so that a red build says something new; SAATHI_SEED tries others.
SEED = 4
KILLS = 10
ACTS = 50  # a dialogue has a few more, the last is "send"
BEFORE = 0.25
SOON, SOON_AFTER_SENDING = 0.25, 1.0


@dataclass
class Killer:
    """Kills Saathi before some of a person's acts and shortly after others, also the last."""

    rig: Rig
    person: Person
    chance: random.Random
    points: set[int] = field(default_factory=set)
    at: list[str] = field(default_factory=list)
    sent: bool = False
    killing: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.points = set(self.chance.sample(range(1, ACTS), KILLS - 1))

    async def before(self) -> None:
        """Before an act: the person waits out a kill, never a restart alone."""
        await self.over()
        sending = self.person.asked[-1:] == ["review"] and not self.sent
        if not sending and self.person.acts not in self.points:
            return
        self.sent = self.sent or sending
        longest = SOON_AFTER_SENDING if sending else SOON
        delay = 0.0 if self.chance.random() < BEFORE else self.chance.uniform(0, longest)
        self.at.append(f"{self.person.asked[-1:]} after {delay:.3f} s")
        self.killing = asyncio.create_task(self._kill(delay))
        if not delay:
            await self.over()

    def since(self) -> float:
        """When Saathi could last be reached: now, while it is down."""
        down = self.killing and not self.killing.done()
        return time.monotonic() if down else self.rig.saathi.ready_at

    async def _kill(self, delay: float) -> None:
        await asyncio.sleep(delay)
        await self.rig.saathi.restart()

    async def over(self) -> None:
        """Wait until it runs again."""
        if self.killing:
            await self.killing


@asynccontextmanager
async def replayable(rig: Rig, killer: Killer, seed: int) -> AsyncIterator[None]:
    """Say with a failure how to have it once more, and what happened."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"replay with SAATHI_SEED={seed}; killed at: {killer.at}")
        error.add_note(rig.saathi.log[-3000:])
        raise


@pytest.mark.parametrize(("case", "where"), [("prostate", "telegram"), ("breast", "whatsapp")])
async def test_ten_kills_and_the_case_arrives_once(case: str, where: str) -> None:
    seed = int(os.environ.get("SAATHI_SEED") or SEED)
    async with running() as rig:
        chat: Chat = rig.on_telegram() if where == "telegram" else rig.on_whatsapp()
        person = Person(chat, Told(case, own_phone=chat.knows_phone), patience=8.0, settle=5.0)
        killer = Killer(rig, person, random.Random(seed))
        person.before, person.since = killer.before, killer.since
        async with replayable(rig, killer, seed):
            await told_through(person, killer)
            await arrived_once(person, rig)
            await nothing_lost(person, rig)


async def told_through(person: Person, killer: Killer) -> None:
    """Tell it all, whatever happens to Saathi."""
    await person.tell()
    await killer.over()
    # A job that was being done is taken up again half a minute after its worker died.
    received = reading.words("news.received", person.language)[0].partition("{")[0]
    await person.sees(received, seconds=60)
    assert killer.rig.saathi.kills == KILLS


async def arrived_once(person: Person, rig: Rig) -> None:
    """One case, with every answer and every page as it was told."""
    await asyncio.sleep(1.0)
    (kept,) = rig.backend.cases()
    await right(rig.backend, person.told, kept)


async def nothing_lost(person: Person, rig: Rig) -> None:
    """A reply may come twice where a kill cut its sending; none is missing, none is wrong."""
    dropped = await dropped_webhooks(rig)
    assert person.repeats <= dropped, "the person had to say again what had arrived"
    assert len(person.misunderstood) <= dropped, person.misunderstood
    twice = repeated(await person.chat.bubbles(), person)
    assert sum(twice.values()) <= KILLS, twice


async def dropped_webhooks(rig: Rig) -> int:
    """How often Twilio gave up: what a person wrote then never arrived, for all one knows."""
    told = await rig.twilio.look("webhooks")
    return sum(
        not 200 <= one["status"] < 300 for one in told if "MessageStatus" not in one["fields"]
    )


def repeated(bubbles: list[Bubble], person: Person) -> Counter[str]:
    """How often each bubble came once too often; a photo is refused twice in the same words."""
    again = max(reading.words("papers.again", person.language)[0].partition("{doc}")[::2], key=len)
    shown = Counter(f"{one.text} {one.buttons}" for one in bubbles if again.strip() not in one.text)
    return shown - Counter(set(shown))
