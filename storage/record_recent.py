"""The last lines and the jobs of one conversation, without what was said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.messages import Delivery
from storage.tables import MessageRow

JOBS = text(
    "SELECT task_name, status::text, attempts, scheduled_at FROM procrastinate_jobs"
    " WHERE args->>'case' = ANY(:cases) OR args->>'conversation' = :conversation"
    " ORDER BY id DESC LIMIT :most"
)


class Recent(Struct, frozen=True):
    """One line of a chat: `direction` in or out, how far it got, the provider's code."""

    at: datetime
    direction: str
    kind: str
    delivery: Delivery | None
    code: str


class JobState(Struct, frozen=True):
    """A job of this conversation; `at` is when it is tried (next), None for at once."""

    name: str
    status: str
    attempts: int
    at: datetime | None


async def recent(engine: AsyncEngine, conversation: str, most: int) -> list[Recent]:
    """The newest lines, oldest first."""
    query = select(MessageRow.__table__).where(MessageRow.conversation_id == conversation)
    rows = await _rows(engine, query.order_by(MessageRow.seq.desc()).limit(most))
    return [_line(row) for row in reversed(rows)]


def _line(row: Any) -> Recent:
    how_far = Delivery(row.delivery) if row.delivery else None
    return Recent(row.at, row.direction, row.kind, how_far, row.code)


async def jobs(
    engine: AsyncEngine, conversation: str, cases: Sequence[str], most: int
) -> list[JobState]:
    """The newest jobs first; those that succeeded are gone."""
    bound = JOBS.bindparams(cases=list(cases), conversation=conversation, most=most)
    rows = await _rows(engine, bound)
    return [JobState(row[0], row[1], row[2], row[3]) for row in rows]


async def _rows(engine: AsyncEngine, query: Any) -> Sequence[Any]:
    async with engine.connect() as connection:
        rows: Sequence[Any] = (await connection.execute(query)).all()
    return rows
