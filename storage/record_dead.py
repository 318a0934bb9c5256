"""What was given up and waits for a person: effects, and jobs that failed for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import DeadLetterRow

FAILED = text(
    "SELECT id, task_name, attempts, coalesce(args->>'conversation', args->>'case', '') AS whose,"
    " (SELECT max(at) FROM procrastinate_events WHERE job_id = procrastinate_jobs.id) AS at"
    " FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id DESC LIMIT :most"
)


class DeadLetter(Struct, frozen=True):
    """An effect that was given up; its words stay sealed."""

    id: str
    conversation: str
    kind: str
    code: str
    at: datetime
    sealed: bytes = b""


class FailedJob(Struct, frozen=True):
    """A job that will fail the same way every time; `whose` is a case or a conversation."""

    id: int
    name: str
    attempts: int
    whose: str
    at: datetime | None


class DeadLetters:
    """Effects that were given up and wait for a person."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, limit: int = 100, conversation: str = "") -> list[DeadLetter]:
        """Those not settled, the newest first; of one conversation, if it is named."""
        query = select(DeadLetterRow.__table__).where(DeadLetterRow.settled_at.is_(None))
        if conversation:
            query = query.where(DeadLetterRow.conversation_id == conversation)
        return [_letter(row) for row in await self._rows(query.order_by(*NEWEST).limit(limit))]

    async def get(self, letter: str) -> DeadLetter | None:
        """One that is not settled, by its id."""
        query = select(DeadLetterRow.__table__).where(DeadLetterRow.settled_at.is_(None))
        rows = await self._rows(query.where(DeadLetterRow.id == letter).limit(1))
        return _letter(rows[0]) if rows else None

    async def settle(self, conversation: str, letter: str, now: datetime) -> None:
        """A person has looked after it."""
        which = (DeadLetterRow.conversation_id == conversation, DeadLetterRow.id == letter)
        async with self._engine.begin() as connection:
            await connection.execute(update(DeadLetterRow).where(*which).values(settled_at=now))

    async def failed_jobs(self, most: int = 100) -> Sequence[FailedJob]:
        """Jobs that failed for good, the newest first."""
        rows = await self._rows(FAILED.bindparams(most=most))
        return [FailedJob(row.id, row.task_name, row.attempts, row.whose, row.at) for row in rows]

    async def _rows(self, query: Any) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
        return rows


NEWEST = (DeadLetterRow.at.desc(), DeadLetterRow.id)


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(row.id, row.conversation_id, row.kind, row.code, row.at, row.sealed)
