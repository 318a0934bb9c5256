"""The uploads of this process, and what becomes of a file that has come whole."""

import asyncio
import logging
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from msgspec.structs import replace

from bot import papers, turns
from bot.app import App
from bot.found import Found
from bot.uploads.links import Links
from flows.effects import SaveDocument
from flows.messages import Attachment
from storage.cipher import SealedWrong
from storage.documents import Kept
from storage.keyring import KeyErased
from storage.partials import Busy, Partials, Ticket, read
from storage.points import reach

log = logging.getLogger(__name__)

MB = 1024 * 1024
# What nobody went on with is removed then; what came whole is remembered until then.
KEPT_FOR = timedelta(days=1)
SWEEP_EVERY = 60.0


@dataclass
class Uploads:
    """The uploads of this process. `writing`: set the event to end the request that writes."""

    app: App
    partials: Partials
    writing: dict[str, asyncio.Event] = field(default_factory=dict)
    finishing: set[str] = field(default_factory=set)
    # One at a time: each streams through a temporary file.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def links(self) -> Links:
        """What opens the links."""
        return self.app.links

    @cached_property
    def most(self) -> int:
        """The largest file that is taken, in bytes."""
        return self.app.settings.uploads.most_mb * MB

    def finish_soon(self, ticket: Ticket) -> None:
        """All bytes came: go on beside, and again after a crash."""
        if ticket.id not in self.finishing:
            self.finishing.add(ticket.id)
            self.app.spawn(self._finished(ticket))

    async def _finished(self, ticket: Ticket) -> None:
        try:
            async with self.turn:
                await self.finish(ticket)
        except Busy:
            return  # Another process does it.
        except KeyErased:
            await self.partials.settle(ticket, "ended")
        except SealedWrong:
            # The disk changed it: no try will find it whole again.
            await self._tell(ticket, Found("refused", "gone"))
            await self.partials.settle(ticket, "ended")
        finally:
            self.finishing.discard(ticket.id)

    async def finish(self, ticket: Ticket) -> None:
        """Keep it, look at it, tell the chat: each step may be done twice without harm."""
        with closing(await self.partials.open(ticket)) as file:
            fresh = await self.partials.get(ticket.case, ticket.id)
            if not fresh or fresh.state != "full":
                return
            kept = await self.app.documents.keep(ticket.case, read(file), ticket.length)
            reach("upload.kept")
            found = await papers.look(self.app, ticket.case, ticket.slot, kept)
            await self._tell(ticket, found, kept)
            reach("upload.told")
            await self.partials.settle(fresh, "kept")

    async def _tell(self, ticket: Ticket, found: Found, kept: Kept | None = None) -> None:
        order = _order(ticket)
        update = papers.answer(f"kept:{order.upload}", ticket.sender, order, found, kept)
        await turns.receive(self.app, [update])

    async def sweep(self) -> None:
        """Go on where a process ended, and remove what nobody goes on with."""
        now = self.app.now()
        for ticket in await self.partials.of():
            if ticket.state == "full" or await self._complete(ticket):
                self.finish_soon(ticket)
            elif ticket.until <= now and ticket.id not in self.writing:
                await self.partials.remove(ticket)

    async def _complete(self, ticket: Ticket) -> bool:
        """Whether a process ended between the last byte and the ticket that says so."""
        if ticket.state != "open" or ticket.id in self.writing:
            return False
        try:
            with closing(await self.partials.open(ticket)) as file:
                if complete := file.offset == ticket.length:
                    await self.partials.put(replace(ticket, state="full"))
        except (Busy, KeyErased):
            return False
        return complete


def _order(ticket: Ticket) -> SaveDocument:
    return SaveDocument(ticket.case, ticket.slot, f"upload:{ticket.id}", Attachment(""))
