"""Brings in what a provider holds and its webhooks never brought: a minute later, not never."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from msgspec.structs import replace

from bot import turns
from bot.app import App
from flows.messages import Address, Message
from storage.keyring import KeyErased
from storage.records import Marks

log = logging.getLogger(__name__)

EVERY = 60.0
# Until then a webhook may still come, or be repeated by its provider.
SETTLED, OVERLAP, LONGEST = timedelta(minutes=2), timedelta(minutes=5), timedelta(days=1)


@runtime_checkable
class Lists(Protocol):
    """A channel whose provider lists what people wrote."""

    def written(self, since: datetime, until: datetime) -> AsyncIterator[Message]:
        """What was written in that time; `sender.id` may be for now only."""
        ...


class Sweep:
    """Goes on from where the last one ended; what is known is put in once more, to no effect."""

    def __init__(self, app: App) -> None:
        self._app, self._marks = app, Marks(app.engine)
        self._known = set[str]()

    async def once(self) -> None:
        """One look at each list."""
        for name, channel in self._app.channels.items():
            if isinstance(channel, Lists):
                await self._look(name, channel)

    async def _look(self, name: str, channel: Lists) -> None:
        until = self._app.now() - SETTLED
        mark = await self._marks.get(f"swept {name}")
        began = datetime.fromisoformat(mark) - OVERLAP if mark else until - OVERLAP
        since = max(began, until - LONGEST)
        found = [message async for message in channel.written(since, until)]
        # The newest came first.
        for message in reversed([each for each in found if each.id not in self._known]):
            await self._bring(message)
        self._known = {message.id for message in found}
        # An empty list need not be written down: the next one begins where this one did.
        if found:
            await self._marks.put(f"swept {name}", until.isoformat())

    async def _bring(self, message: Message) -> None:
        sender = await self._sender(message.sender)
        if not sender:
            # Under a guessed address it could reach a stranger's chat.
            log.warning("a message without a webhook is left: nobody is known at its address")
            return
        await turns.receive(self._app, [replace(message, sender=sender)])

    async def _sender(self, address: Address) -> Address | None:
        name = await self._app.senders.conversation(address.channel, address.reply_to)
        try:
            found = name and (
                await self._app.mailbox.peek(name) or await self._app.records.restore(name)
            )
        except KeyErased:
            return None
        same = found and found.address.reply_to == address.reply_to
        return found.address if found and same else None
