"""Stand-ins for what lies outside; they remember what was done and fail when told to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.app import App
from bot.channels import Incoming, Limits, Reply, SendFailed, Webhook
from bot.settings import load
from bot.uploads.links import Links
from bot.wording import Wording
from flows.conversation import Conversation
from flows.messages import Address, Attachment, Message
from nlu.meaning import Meaning, Unclear
from storage.documents import Kept, TooBig
from storage.memory_mailbox import MemoryMailbox
from tests.talk import ALWAYS, START, WHATSAPP


@dataclass
class FakeChannel:
    """A channel that keeps what it was asked to send; `failures` come first."""

    limits: Limits = WHATSAPP
    sent: list[Reply] = field(default_factory=list)
    failures: list[SendFailed] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    broken: list[Exception] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def verify(self, webhook: Webhook) -> None:
        """Everything is signed."""

    def parse(self, webhook: Webhook) -> Incoming:
        """Nothing comes in by webhook."""
        return Incoming()

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a known file."""
        if self.broken:
            raise self.broken.pop(0)
        yield self.files[attachment.ref]

    async def send(self, to: Address, reply: Reply) -> str:
        """Remember it, or fail as told."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(reply)
        return f"sent-{len(self.sent)}"

    async def forget(self, attachment: Attachment) -> None:
        """Remember what was to be forgotten."""
        self.forgotten.append(attachment.ref)


@dataclass
class FakeDocuments:
    """Documents in memory."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)
    mime: str = "image/jpeg"

    async def keep(self, case: str, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        """Keep the bytes."""
        data = b"".join([chunk async for chunk in chunks])
        if len(data) > limit:
            raise TooBig
        self.kept[case, "d" * 64] = data
        return Kept("d" * 64, self.mime, len(data))

    async def read(self, case: str, document: str) -> AsyncIterator[bytes]:
        """Give them back."""
        yield self.kept[case, document]

    async def size(self, case: str, document: str) -> int:
        """How many there are."""
        return len(self.kept[case, document])

    async def delete(self, case: str, document: str) -> None:
        """Forget them."""
        self.kept.pop((case, document), None)


@dataclass
class Notes:
    """Anything that is only told things: remembers the calls."""

    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        async def called(*given: Any, **more: Any) -> str:
            self.calls.append((name, given))
            return f"{name}-result"

        return called

    def names(self) -> list[str]:
        """The calls' names, in order."""
        return [name for name, _ in self.calls]


async def nothing_understood(_: Conversation, __: Message) -> Meaning:
    """A reader that is never sure."""
    return Unclear()


def fake_app(channel: FakeChannel, **more: Any) -> App:
    """An App of stand-ins with one channel."""
    seeds = iter(range(1000))
    mailbox = MemoryMailbox(b"i" * 32, _never_seen, _now, lambda: f"seed{next(seeds)}")
    parts: dict[str, Any] = {
        "settings": load(None),
        "public_url": "https://saathi.example",
        "channels": {"whatsapp": channel},
        "mailbox": mailbox,
        "redis": Notes(),
        "engine": Notes(),
        "keyring": Notes(),
        "records": Notes(),
        "recorder": Notes(),
        "documents": FakeDocuments(),
        "review": Notes(),
        "review_secret": "secret",
        "jobs": Notes(),
        "desk": Notes(),
        "wording": Wording(ALWAYS),
        "understand": nothing_understood,
        "now": _now,
        "senders": Notes(),
        "links": Links("https://saathi.example", b"l" * 32, 24),
        "works": False,
    }
    return App(**{**parts, **more})


def _now() -> datetime:
    return START


async def _never_seen(_: str) -> Conversation | None:
    return None
