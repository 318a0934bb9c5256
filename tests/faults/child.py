"""The process that a test kills: a whole Saathi with a provider made of files.

`inbox/` holds what people send; an update that was taken is moved to `taken/`, as a provider
that had its 200. `sent` has a line for each message that reached a phone. A file in `faults/`
makes one call fail, once; what begins as the file `refused` says is never accepted.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.msgpack import Decoder, Encoder

from bot import dead, jobs, turns, work
from bot.app import App
from bot.channels import FetchFailed, Incoming, Limits, Reply, SendFailed, Webhook
from bot.intake import AWAY
from bot.review import submission
from bot.settings import Settings, load
from bot.wiring import Places, opened
from flows.conversation import Conversation
from flows.messages import Address, Attachment, Message, Update
from nlu.meaning import Meaning
from storage import points
from storage.record_dead import DeadLetters
from storage.redis_mailbox import RedisMailbox

LIMITS = Limits(4096, 100, 100, 64, 64, 0, 4096)
encoder, decoder = Encoder(), Decoder[Update](Update)


@dataclass(frozen=True)
class Setup:
    """Where everything is; handed to the process."""

    folder: Path
    redis: str
    database: str
    review: str
    token: str
    shards: int = 3
    rasa: str = ""
    lease: float = 1.0

    @property
    def settings(self) -> Settings:
        """The settings of all processes of one stage."""
        parts: dict[str, Any] = {
            "data_dir": self.folder / "data",
            "redis": {"shards": self.shards},
            "review": {"url": self.review, "token": self.token, "webhook_secret": "s"},
            "channels": {"phone": {"enabled": False}},
            "rasa": {"enabled": bool(self.rasa)},
            "reading": {"engine": "off"},
        }
        return load(None).model_copy(update=Settings(**parts).__dict__)

    @property
    def places(self) -> Places:
        """The servers."""
        return Places(self.redis, self.database, self.rasa)


class Files:
    """A channel whose provider is a folder."""

    limits = LIMITS

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def verify(self, webhook: Webhook) -> None:
        """Nothing comes by webhook."""

    def parse(self, webhook: Webhook) -> Incoming:
        """Nothing comes by webhook."""
        return Incoming()

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes that the provider holds."""
        if fails(self.folder, "fetch"):
            raise FetchFailed("404")
        yield (self.folder / attachment.ref).read_bytes()

    async def send(self, to: Address, reply: Reply) -> str:
        """Append a line, as a provider that accepts."""
        refused = self.folder / "refused"
        if refused.exists() and reply.text.startswith(refused.read_text(encoding="utf-8")):
            raise SendFailed("refused", permanent=True)
        if fails(self.folder, "hang"):
            await asyncio.sleep(60)
        if fails(self.folder, "send"):
            raise SendFailed("TimedOut", retry_after=0.2)
        line = json.dumps({"to": to.id, "text": reply.text}) + "\n"
        with (self.folder / "sent").open("a", encoding="utf-8") as out:
            out.write(line)
            return f"m{out.tell()}"


def fails(folder: Path, what: str) -> bool:
    """Whether this call is to fail; only once."""
    try:
        (folder / "faults" / what).unlink()
    except FileNotFoundError:
        return False
    return True


def hurry(lease: float) -> None:
    """Leases and pauses that a test can wait for."""
    (RedisMailbox.__init__.__kwdefaults__ or {}).update(lease_seconds=lease, turn_seconds=lease)
    turns.AFTER_A_FAULT, turns.ERASE_AFTER = 0.3, turns.ERASE_AFTER * 0
    jobs.HEARTBEAT, jobs.STALLED = 0.3, 1.5
    work.RESCUE_EVERY, work.TIDY_EVERY, work.DRAIN_SECONDS = 0.3, 0.3, 3.0
    submission.TOLD_AFTER = timedelta(seconds=2)


def main(setup: Setup, at: str) -> None:
    """Run until killed: by itself at the point `at`, or from outside."""
    hurry(setup.lease)
    seen, notes = set[str](), setup.folder / "reached"

    def reached(point: str) -> None:
        if point == at:
            os.kill(os.getpid(), signal.SIGKILL)
        if point not in seen:
            seen.add(point)
            with notes.open("a", encoding="utf-8") as out:
                out.write(point + "\n")

    points.arm(reached)
    asyncio.run(serve(setup))


async def serve(setup: Setup) -> None:
    """All of Saathi, and the provider's side that posts what is in the inbox."""
    async with opened(setup.settings, setup.places) as made:
        made.app.channels["test"] = Files(setup.folder)
        made.app.understand = stumbling(made.app, setup.folder)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        posting = asyncio.create_task(post(made.app, setup.folder))
        sweeping = work.forever(stop, made.uploads.sweep, 0.3)
        await asyncio.gather(work.work(made.app, stop), sweeping)
        posting.cancel()


def stumbling(app: App, folder: Path) -> Any:
    """The reader, which fails once where a test wants it."""
    whole = app.understand

    async def understand(conversation: Conversation, message: Message) -> Meaning:
        if fails(folder, "understand"):
            raise ConnectionError("a fault of the test")
        return await whole(conversation, message)

    return understand


async def post(app: App, folder: Path) -> None:
    """Hand in what waits, each until it is taken."""
    while True:
        for file in sorted((folder / "inbox").iterdir()):
            if file.suffix == ".update":
                try:
                    await turns.receive(app, [decoder.decode(file.read_bytes())])
                except AWAY:
                    break
                file.rename(folder / "taken" / file.name)
        if (folder / "requeue").exists():
            await requeue_all(app)
            (folder / "requeue").unlink()
        await asyncio.sleep(0.01)


async def requeue_all(app: App) -> None:
    """What an operator does who has mended the cause."""
    letters = DeadLetters(app.engine)
    for letter in await letters.list():
        await dead.requeue(app.mailbox, letters, letter.id)
