"""An upload server on this machine, real down to the disk, with one invented chat behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.routing import Route

from bot.app import App
from bot.uploads.links import Link
from bot.uploads.page import routes
from bot.uploads.uploads import Uploads
from flows.conversation import Case, Conversation
from flows.messages import DocumentKept, Due
from storage.cipher import new_key
from storage.documents import open_documents
from storage.memory_mailbox import MemoryMailbox
from storage.partials import Partials
from tests.fakes import FakeChannel, Notes, fake_app
from tests.talk import ASHA, START
from tests.web import serving

CASE = "c" * 32
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


@dataclass
class Keys:
    """A keyring in memory."""

    keys: dict[str, bytes] = field(default_factory=dict)

    async def key(self, subject: str) -> bytes:
        return self.keys.setdefault(subject, new_key())

    async def keep(self, subject: str) -> None:
        """In memory, all lasts as long as the test."""


class NeverSeen(Notes):
    """A record that holds no conversation."""

    async def restore(self, _: str) -> None:
        return None


@dataclass
class Rig:
    """The server, a client of it, and the parts behind."""

    uploads: Uploads
    app: App
    client: httpx.AsyncClient
    folder: Path
    name: str
    later: timedelta = timedelta()

    def token(self, case: str = CASE, slot: str = "scan_images", hours: float = 1) -> str:
        """A link's secret part."""
        until = int((START + timedelta(hours=hours)).timestamp())
        return self.app.links.token(Link(self.name, case, slot, "hi", until))

    def headers(self, token: str = "", **more: str) -> dict[str, str]:
        """What every request needs."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {token or self.token()}", **TUS, **named}

    async def create(self, length: int, **more: str) -> str:
        """A new upload; its address."""
        headers = self.headers(Upload_Length=str(length), **more)
        made = await self.client.post("/upload/files", headers=headers)
        assert made.status_code == 201, made.status_code
        return made.headers["location"]

    async def patch(self, address: str, offset: int, data: bytes, **more: str) -> httpx.Response:
        """Some bytes."""
        headers = self.headers(Upload_Offset=str(offset), **more) | BYTES
        return await self.client.patch(address, content=data, headers=headers)

    async def offset(self, address: str) -> int:
        """How many bytes are there."""
        found = await self.client.head(address, headers=self.headers())
        return int(found.headers["upload-offset"])

    async def told(self) -> list[DocumentKept]:
        """What the chat was told, once everything that runs beside has ended."""
        while self.app.tasks:
            await next(iter(self.app.tasks))
        box: Any = self.app.mailbox
        return [each for each in box.boxes[self.name].inbox if isinstance(each, DocumentKept)]

    async def document(self, told: DocumentKept) -> bytes:
        """The bytes of a kept document."""
        chunks = self.app.documents.read(told.case, told.document)
        return b"".join([chunk async for chunk in chunks])


@asynccontextmanager
async def rig(folder: Path, **settings: Any) -> AsyncIterator[Rig]:
    """All of it, for as long as the block runs."""
    keys = Keys()
    documents = open_documents("", "", "", keys, folder / "documents")
    app = fake_app(FakeChannel(), documents=documents, records=NeverSeen())
    if settings:
        changed = app.settings.uploads.model_copy(update=settings)
        app.settings = app.settings.model_copy(update={"uploads": changed})
    uploads = Uploads(app, Partials(folder / "uploads", b"t" * 32, keys))
    all_routes = [each for each in routes(uploads) if isinstance(each, Route)]
    async with serving(all_routes) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        found = Rig(uploads, app, client, folder, await _chat(app))
        app.now = lambda: START + found.later
        yield found
        await found.told()


async def _chat(app: App) -> str:
    box: Any = app.mailbox
    assert isinstance(box, MemoryMailbox)
    await box.put([Due("seed", ASHA, "nothing")])
    turn = await box.take()
    assert turn
    state = Conversation(turn.conversation.id, ASHA, "5eed" * 8, cases=(Case(CASE, "K7M-2QX-94T"),))
    assert await box.commit(turn, state, []) is not None
    return turn.conversation.id
