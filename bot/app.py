"""What runs and what is joined to what; everything else is handed what it needs."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.antivirus import Antivirus
from bot.breaker import Breaker
from bot.channels import Channel
from bot.desk.desk import Desk
from bot.hearing import Ears
from bot.jobs import Jobs
from bot.review.binding.memory import Memory
from bot.review.binding.reads import Reads
from bot.review.binding.values import Plain, Summariser
from bot.review.client import ReviewClient
from bot.settings import Settings
from bot.speaking import Mouth
from bot.uploads.links import Links
from bot.wording import Wording
from bot.workshop.here import Here, Workshop
from flows.conversation import Conversation
from flows.messages import Attachment, Message
from nlu.meaning import Meaning
from storage.documents import Documents
from storage.keyring import Keyring
from storage.mailbox_wire import subject
from storage.recorder import Recorder
from storage.records import Records
from storage.redis_mailbox import RedisMailbox
from storage.redis_senders import Senders

log = logging.getLogger(__name__)


class Forgets(Protocol):
    """A channel that can delete its provider's copy of a file."""

    async def forget(self, attachment: Attachment) -> None: ...


@dataclass
class App:
    """All parts of one process. `works`: turns are worked here as they come in."""

    settings: Settings
    public_url: str
    channels: dict[str, Channel]
    mailbox: RedisMailbox
    engine: AsyncEngine
    redis: Redis
    keyring: Keyring
    records: Records
    recorder: Recorder
    documents: Documents
    review: ReviewClient
    review_secret: str
    jobs: Jobs
    desk: Desk
    wording: Wording
    understand: Callable[[Conversation, Message], Awaitable[Meaning]]
    now: Callable[[], datetime]
    senders: Senders
    links: Links
    ears: Ears | None = None
    mouth: Mouth | None = None
    antivirus: Antivirus | None = None
    # Work on files: while a person waits, and in the background.
    quick: Workshop = field(default_factory=Here)
    slow: Workshop = field(default_factory=Here)
    # Apart: a case that is sent does not wait for pages to be read.
    bindery: Workshop = field(default_factory=Here)
    reads: Reads = field(default_factory=Reads)
    summariser: Summariser = field(default_factory=Plain)
    binding: Memory = field(default_factory=Memory)
    works: bool = True
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    # One for each channel's sends.
    breakers: dict[str, Breaker] = field(default_factory=lambda: defaultdict(Breaker))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside; it is awaited at the end of the process."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # What it held is leased: it comes back by itself.
            log.warning("task failed: %s", type(error).__name__)

    def promised_agent_by(self) -> datetime:
        """When a person who asked for an agent is told that none was free."""
        return self.now() + timedelta(minutes=self.settings.desk.promise_minutes)

    async def forget(self, channel: str, attachment: Attachment) -> None:
        """Have the provider delete its copy, where it can; ours is safe."""
        if forgets := getattr(self.channels[channel], "forget", None):
            try:
                await forgets(attachment)
            except Exception as error:
                log.warning("provider's copy not deleted: %s", type(error).__name__)

    async def erase(
        self, conversation: str, request: str, by: datetime, cases: Sequence[str]
    ) -> None:
        """Lock all that a person sent; see `Records.erase`."""
        # A key that is not in the record yet could not be put away.
        await self.recorder.keep(conversation)
        away = await self.records.erase(conversation, request, by, cases)
        await self.mailbox.forget(conversation, away.get(subject(conversation)))
        for name, wrapped in away.items():
            await self.keyring.forget(name, wrapped)
