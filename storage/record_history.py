"""What was said in a chat, opened for the agents' page."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.effects import Effect, Say
from flows.messages import Delivery, Update
from storage.cipher import SealedWrong
from storage.keyring import Keyring
from storage.mailbox_log import LogEntry
from storage.mailbox_wire import open_logged, subject
from storage.tables import MessageRow


class Said(Struct, frozen=True):
    """One bubble. `by` is person, bot or agent; `what` the Message or the Say itself.

    `seq` rises through a chat: hand the smallest in to read what came before.
    """

    seq: int
    direction: Literal["in", "out"]
    at: datetime
    by: Literal["person", "bot", "agent"]
    what: Update | Effect
    delivery: Delivery | None = None
    code: str = ""


async def history(
    engine: AsyncEngine, keyring: Keyring, conversation: str, limit: int, before: int | None
) -> list[Said]:
    """The newest bubbles, oldest first; raises KeyErased."""
    key = await keyring.key(subject(conversation))
    query = select(MessageRow.__table__).where(MessageRow.conversation_id == conversation)
    # An agent's words come a second time, as the bubble that was sent.
    query = query.where(MessageRow.kind.in_(("message", "say")))
    if before is not None:
        query = query.where(MessageRow.seq < before)
    async with engine.connect() as connection:
        newest = query.order_by(MessageRow.seq.desc()).limit(limit)
        rows = (await connection.execute(newest)).all()
    return [said for row in reversed(rows) if (said := _said(key, row))]


def _said(key: bytes, row: Any) -> Said | None:
    entry = LogEntry(
        row.direction, row.id, row.conversation_id, row.at, row.kind, sealed=row.sealed
    )
    try:
        what = open_logged(key, entry)
    except SealedWrong:
        # It reached the record after its key was put away: nobody may read it any more.
        return None
    how_far = Delivery(row.delivery) if row.delivery else None
    return Said(row.seq, row.direction, row.at, _by(what), what, how_far, row.code)


def _by(what: Update | Effect) -> Literal["person", "bot", "agent"]:
    if isinstance(what, Say):
        return "bot" if what.bot else "agent"
    return "person"
