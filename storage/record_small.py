"""Small lasting things: Twilio's content resources, how far polling got, dead letters."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import ContentTemplateRow, DeadLetterRow, MarkRow


class Templates:
    """Twilio's ids of content resources, by key."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, key: str) -> str | None:
        """Twilio's id, None when there is none yet."""
        query = select(ContentTemplateRow.sid).where(ContentTemplateRow.key == key)
        async with self._engine.connect() as connection:
            found: str | None = await connection.scalar(query)
        return found

    async def put(self, key: str, sid: str) -> None:
        """Remember an id; the newest one counts."""
        row = insert(ContentTemplateRow).values(key=key, sid=sid)
        row = row.on_conflict_do_update(index_elements=["key"], set_={"sid": sid})
        async with self._engine.begin() as connection:
            await connection.execute(row)


class Marks:
    """How far something got, by name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, name: str) -> str:
        """The mark, empty when there is none."""
        async with self._engine.connect() as connection:
            found = await connection.scalar(select(MarkRow.value).where(MarkRow.name == name))
        return found or ""

    async def put(self, name: str, value: str) -> None:
        """Move the mark."""
        row = insert(MarkRow).values(name=name, value=value)
        row = row.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        async with self._engine.begin() as connection:
            await connection.execute(row)


class DeadLetter(Struct, frozen=True):
    """An effect that was given up; its words stay sealed."""

    id: str
    conversation: str
    kind: str
    code: str
    at: datetime


class DeadLetters:
    """Effects that were given up and wait for a person."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, limit: int = 100, conversation: str = "") -> list[DeadLetter]:
        """Those not settled, the newest first; of one conversation, if it is named."""
        query = select(DeadLetterRow.__table__).where(DeadLetterRow.settled_at.is_(None))
        if conversation:
            query = query.where(DeadLetterRow.conversation_id == conversation)
        newest = query.order_by(DeadLetterRow.at.desc()).limit(limit)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(newest)).all()
        return [_letter(row) for row in rows]

    async def settle(self, conversation: str, letter: str, now: datetime) -> None:
        """A person has looked after it."""
        which = (DeadLetterRow.conversation_id == conversation, DeadLetterRow.id == letter)
        async with self._engine.begin() as connection:
            await connection.execute(update(DeadLetterRow).where(*which).values(settled_at=now))


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(row.id, row.conversation_id, row.kind, row.code, row.at)
