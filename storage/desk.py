"""The agents, their logins, and the chats that wait for one of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import AgentRow, AgentSessionRow, HandoffRow

ALERT = text("""
    WITH merged AS (
        UPDATE handoffs
        SET urgent = urgent OR :urgent
        WHERE conversation_id = :conversation AND closed_at IS NULL
          AND NOT EXISTS (SELECT FROM handoffs WHERE id = :id)
        RETURNING id
    )
    INSERT INTO handoffs (id, conversation_id, reason, urgent, opened_at, closed_at)
    SELECT :id, :conversation, :reason, :urgent, CAST(:now AS timestamptz),
           CASE WHEN EXISTS (SELECT FROM merged) THEN CAST(:now AS timestamptz) END
    ON CONFLICT DO NOTHING
""")


class Agent(Struct, frozen=True):
    """A person of the support team."""

    id: str
    login: str
    name: str


class Login(Struct, frozen=True):
    """An agent and the hash of the password, empty until one was set."""

    agent: Agent
    password: str


class Handoff(Struct, frozen=True):
    """A chat that waits for an agent, or that one holds (`taken_by`)."""

    id: str
    conversation: str
    reasons: tuple[str, ...]
    urgent: bool
    opened_at: datetime
    taken_by: str = ""
    taken_name: str = ""


class DeskStore:
    """Queries over `agents`, `agent_sessions` and `handoffs`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def invite(self, agent: Agent, invite_hash: str, now: datetime) -> None:
        """A new agent, or a new link for a known login; an old password stays until then."""
        values = {"login": agent.login, "name": agent.name, "invite_hash": invite_hash}
        statement = upsert(AgentRow).values(id=agent.id, invited_at=now, **values)
        again = {"name": agent.name, "invite_hash": invite_hash, "invited_at": now}
        async with self._engine.begin() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[AgentRow.login], set_={**again, "disabled_at": None}
                )
            )

    async def accept(self, invite_hash: str, password: str, after: datetime) -> bool:
        """Set the password of a link made after a time; each link works once."""
        statement = (
            update(AgentRow)
            .where(AgentRow.invite_hash == invite_hash, AgentRow.invited_at > after)
            .values(password=password, invite_hash=None)
            .returning(AgentRow.id)
        )
        async with self._engine.begin() as connection:
            agent = (await connection.execute(statement)).scalar()
            if agent:
                # A new password ends every older login.
                old = delete(AgentSessionRow).where(AgentSessionRow.agent_id == agent)
                await connection.execute(old)
        return agent is not None

    async def login(self, name: str) -> Login | None:
        """Who logs in under this name, unless the account was shut."""
        statement = select(AgentRow.id, AgentRow.login, AgentRow.name, AgentRow.password)
        known = AgentRow.login == name, AgentRow.disabled_at.is_(None)
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement.where(*known))).first()
        return Login(Agent(row[0], row[1], row[2]), row[3]) if row else None

    async def open_session(
        self, agent: str, token_hash: str, now: datetime, lasts: timedelta
    ) -> None:
        """Remember a login; those that are over are swept out."""
        over = delete(AgentSessionRow).where(AgentSessionRow.expires_at <= now)
        new = insert(AgentSessionRow).values(
            token_hash=token_hash, agent_id=agent, created_at=now, expires_at=now + lasts
        )
        async with self._engine.begin() as connection:
            await connection.execute(over)
            await connection.execute(new)

    async def session(self, token_hash: str, now: datetime) -> Agent | None:
        """Whose login this is, while it lasts."""
        statement = (
            select(AgentRow.id, AgentRow.login, AgentRow.name)
            .join(AgentSessionRow, AgentSessionRow.agent_id == AgentRow.id)
            .where(AgentSessionRow.token_hash == token_hash, AgentSessionRow.expires_at > now)
            .where(AgentRow.disabled_at.is_(None))
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement)).first()
        return Agent(row[0], row[1], row[2]) if row else None

    async def close_session(self, token_hash: str) -> None:
        """Log out."""
        statement = delete(AgentSessionRow).where(AgentSessionRow.token_hash == token_hash)
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def alert(
        self, effect: str, conversation: str, reason: str, urgent: bool, now: datetime
    ) -> None:
        """Open a handoff, or add the reason to the open one; once for each effect."""
        values = {"id": effect, "conversation": conversation, "reason": reason}
        async with self._engine.begin() as connection:
            await connection.execute(ALERT, {**values, "urgent": urgent, "now": now})

    async def claim(self, conversation: str, agent: str, now: datetime) -> str | None:
        """Take a waiting chat: of two at once, one gets the handoff's id, the other None."""
        statement = (
            update(HandoffRow)
            .where(HandoffRow.conversation_id == conversation, HandoffRow.closed_at.is_(None))
            .where(or_(HandoffRow.taken_by.is_(None), HandoffRow.taken_by == agent))
            .values(taken_by=agent, taken_at=func.coalesce(HandoffRow.taken_at, now))
            .returning(HandoffRow.id)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).scalar()

    async def close(self, conversation: str, now: datetime) -> None:
        """The chat waits no longer and nobody holds it."""
        statement = (
            update(HandoffRow)
            .where(HandoffRow.conversation_id == conversation, HandoffRow.closed_at.is_(None))
            .values(closed_at=now)
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def handoff(self, conversation: str) -> Handoff | None:
        """The open handoff of a chat."""
        found = await self._handoffs(HandoffRow.conversation_id == conversation)
        return found[0] if found else None

    async def queue(self, agent: str) -> Sequence[Handoff]:
        """What waits and what this agent holds: urgent first, then the longest wait."""
        waits = HandoffRow.taken_by.is_(None)
        return await self._handoffs(or_(waits, HandoffRow.taken_by == agent))

    async def _handoffs(self, which: Any) -> list[Handoff]:
        statement = (
            select(HandoffRow.__table__, AgentRow.name, _reasons())
            .outerjoin(AgentRow, AgentRow.id == HandoffRow.taken_by)
            .where(which, HandoffRow.closed_at.is_(None))
            .order_by(HandoffRow.urgent.desc(), HandoffRow.opened_at, HandoffRow.id)
        )
        async with self._engine.connect() as connection:
            return [_handoff(row) for row in await connection.execute(statement)]


def _reasons() -> Any:
    """Every reason since the handoff was opened; later ones are rows closed at once."""
    more = HandoffRow.__table__.alias("more")
    return (
        select(func.array_agg(more.c.reason))
        .where(more.c.conversation_id == HandoffRow.conversation_id)
        .where(more.c.opened_at >= HandoffRow.opened_at)
        .scalar_subquery()
    )


def _handoff(row: Any) -> Handoff:
    *columns, name, reasons = row
    found = dict(zip(HandoffRow.__table__.columns.keys(), columns, strict=True))
    return Handoff(
        id=found["id"],
        conversation=found["conversation_id"],
        reasons=tuple(dict.fromkeys([found["reason"], *reasons])),
        urgent=found["urgent"],
        opened_at=found["opened_at"],
        taken_by=found["taken_by"] or "",
        taken_name=name or "",
    )
