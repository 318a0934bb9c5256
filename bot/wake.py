"""Bringing back what was waited for, as an update of its conversation."""

from bot import turns
from bot.app import App
from flows.messages import Due


async def wake(app: App, conversation: str, what: str, ref: str, name: str) -> None:
    """Put `Due(what)` into a conversation; `name` is the same however often it is tried."""
    known = await app.mailbox.peek(conversation) or await app.records.restore(conversation)
    if known:
        await turns.receive(app, [Due(name, known.address, what, ref)])
