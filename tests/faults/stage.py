"""A conversation played against a process that may die, and what came of it."""

import asyncio
import json
import multiprocessing
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from starlette.routing import Mount

from bot.app import App
from bot.clock import now
from bot.review.sandbox import http_poster, sandbox_app
from bot.uploads.uploads import Uploads
from bot.wiring import opened
from flows.conversation import Conversation
from flows.effects import Effect
from flows.messages import Address, Due, Update
from storage.documents import once
from storage.mailbox_wire import conversation_id
from tests.cases import load_case, paper_bytes
from tests.faults.child import Setup, encoder, main
from tests.web import serving

TOKEN = "a token for tests"
ASHA = Address("test", "asha")  # fictional
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.faults.child", "bot.review.fhir"])


@dataclass
class Stage:
    """The servers, our own view of them, and the process that is killed."""

    setup: Setup
    app: App
    uploads: Uploads
    name: str
    at: str = ""
    process: Any = None
    count: int = 0
    deaths: int = 0
    left: list[Any] = field(default_factory=list)

    async def begin(self, state: Conversation, *effects: Effect) -> None:
        """A conversation that stands where a scenario begins, and the process."""
        await self.app.mailbox.put([Due("seed", ASHA, "nothing")])
        turn = await self.app.mailbox.take()
        assert turn
        assert await self.app.mailbox.commit(turn, state, effects) is not None
        self.start(self.at)

    def start(self, at: str = "") -> None:
        """Start the process, to die at a point."""
        self.process = forks.Process(target=main, args=(self.setup, at), daemon=True)
        self.process.start()

    def send(self, update: Update) -> None:
        """The provider has something for us."""
        self.count += 1
        file = self.setup.folder / "inbox" / f"{self.count:03}"
        file.write_bytes(encoder.encode(update))
        file.rename(file.with_suffix(".update"))

    def fail(self, what: str) -> None:
        """One call of this kind will fail."""
        (self.setup.folder / "faults" / what).touch()

    @property
    def all_sent(self) -> list[str]:
        """Every message that reached the phone."""
        file = self.setup.folder / "sent"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [str(json.loads(line)["text"]) for line in lines]

    @property
    def sent(self) -> list[str]:
        """The same, repeats after one another left out."""
        return [text for text, _ in groupby(self.all_sent)]

    @property
    def last_sent_ends(self) -> int:
        """What the channel calls its last message by."""
        return (self.setup.folder / "sent").stat().st_size

    async def until(self, true: Any, what: str, seconds: float = 30) -> None:
        """Wait for something; a process that died is started again."""
        end = time.monotonic() + seconds
        while not await _value(true):
            assert time.monotonic() < end, f"{what} does not come; left: {self.left}"
            if not self.process.is_alive():
                self.deaths += 1
                self.process.join()
                self.start()
            await asyncio.sleep(0.02)

    async def bubbles(self, count: int, seconds: float = 30) -> None:
        """Wait until so many different bubbles are on the phone, and all is taken."""
        done = lambda: len(self.sent) >= count and self._taken()  # noqa: E731
        await self.until(done, f"bubble {count}", seconds)

    async def settled(self) -> None:
        """Wait until nothing is under way any more, also in the record."""
        await self.until(self._settled, "rest")

    def _taken(self) -> bool:
        return not any((self.setup.folder / "inbox").iterdir())

    async def _settled(self) -> bool:
        client: Any = self.app.redis
        left = [] if self._taken() else ["the inbox"]
        for shard in range(self.setup.shards):
            for kind in ("ready", "out", "dirty"):
                left += await client.zrange(f"{{s{shard}}}:{kind}", 0, -1, withscores=True)
            for kind in ("log", "dead"):
                left += [kind] * await client.llen(f"{{s{shard}}}:{kind}")
        self.left = left + await self._jobs()
        return not self.left

    async def _jobs(self) -> list[Any]:
        query = (
            "SELECT task_name, status, attempts FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing')"
            " AND (scheduled_at IS NULL OR scheduled_at < now() + interval '10 minutes')"
        )
        async with self.app.engine.connect() as connection:
            return [tuple(row) for row in await connection.exec_driver_sql(query)]

    def end(self) -> None:
        """Kill the process."""
        if self.process:
            self.process.kill()
            self.process.join()
            self.process = None

    @property
    def reached(self) -> set[str]:
        """The points that the process came by."""
        return set((self.setup.folder / "reached").read_text(encoding="utf-8").split())


async def _value(true: Any) -> Any:
    found = true()
    return await found if asyncio.iscoroutine(found) else found


@asynccontextmanager
async def stage(folder: Path, redis: str, database: str, **more: Any) -> AsyncIterator[Stage]:
    """An empty Saathi with a review backend beside it; `more` goes into the setup."""
    for name in ("inbox", "taken", "faults", "data"):
        (folder / name).mkdir()
    nowhere = http_poster("http://127.0.0.1:1/review/events")
    sandbox = sandbox_app(folder / "sandbox", nowhere, "s", now, token=TOKEN)
    async with serving([Mount("/", sandbox)]) as review:  # type: ignore[list-item]
        setup = Setup(folder, redis, database, more.pop("review", review), TOKEN, **more)
        async with opened(setup.settings, setup.places, works=False) as made:
            name = conversation_id(made.app.mailbox._index_key, ASHA)
            on = Stage(setup, made.app, made.uploads, name)
            try:
                yield on
            finally:
                on.end()


async def ready_to_send(on: Stage) -> Conversation:
    """The fictional breast case, complete, its papers in the store, at the review page."""
    told, case = load_case("breast")
    for data in paper_bytes("breast").values():
        kept = await on.app.documents.keep(case.id, once(data), 10**8)
        assert kept.size == len(data)
    draft = replace(case, status="draft", submitted_at=None)
    return replace(told, id=on.name, address=ASHA, step="review", cases=(draft,), language="en")
