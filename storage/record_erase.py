"""Locking what a person sent when they ask for it, and destroying it by the promised day."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.mailbox_wire import subject
from storage.record_seals import case_subject
from storage.tables import CaseRow, ConversationRow, ErasureRow, KeyRow, MessageRow


class Erasure(NamedTuple):
    """A request to erase a chat; `cases` may name some that the record does not know."""

    conversation: str
    request: str
    now: datetime
    due: datetime
    cases: tuple[str, ...] = ()


async def lock(engine: AsyncEngine, erasure: Erasure) -> dict[str, bytes | None]:
    """Give out no key of what was sent so far; returns what to forget, by the keys' subjects.

    The chat itself may begin anew: its old key and its old lines are put away under the
    request, a new key is made at the next message. So of a chat only the wrapped key that is
    returned may be forgotten. Asked again, it locks nothing more and returns the same.
    """
    async with engine.begin() as connection:
        known = select(ErasureRow).where(ErasureRow.request == erasure.request)
        if not await connection.scalar(known):
            await _lock_cases(connection, erasure)
            await _put_away(connection, erasure)
            await connection.execute(insert(ErasureRow).values(_row(erasure)))
        return await _locked(connection, erasure)


def _row(erasure: Erasure) -> dict[str, object]:
    days = {"locked_at": erasure.now, "due_at": erasure.due}
    return {"request": erasure.request, "conversation_id": erasure.conversation, **days}


async def _locked(connection: AsyncConnection, erasure: Erasure) -> dict[str, bytes | None]:
    away, locked = f"locked:{erasure.request}:", KeyRow.erased_at.is_not(None)
    cases = {*await _cases(connection, erasure.conversation), *map(case_subject, erasure.cases)}
    query = select(KeyRow.subject).where(KeyRow.subject.in_(cases), locked)
    chats = select(KeyRow.subject, KeyRow.wrapped).where(KeyRow.subject.startswith(away))
    return {
        **dict.fromkeys((await connection.scalars(query)).all()),
        **{row.subject.removeprefix(away): row.wrapped for row in await connection.execute(chats)},
    }


async def _cases(connection: AsyncConnection, conversation: str) -> list[str]:
    query = select(CaseRow.id).where(CaseRow.conversation_id == conversation)
    return [case_subject(each) for each in (await connection.scalars(query)).all()]


async def _lock_cases(connection: AsyncConnection, erasure: Erasure) -> None:
    recorded = set(await _cases(connection, erasure.conversation))
    # A key that never reached the record gets its row too, so that it never will.
    for name in sorted(recorded.union(map(case_subject, erasure.cases))):
        # What the record does not know of will not be destroyed by the day: it is now.
        locked = {"erased_at": erasure.now, **({} if name in recorded else {"wrapped": None})}
        row = insert(KeyRow).values(subject=name, **locked)
        await connection.execute(row.on_conflict_do_update(index_elements=["subject"], set_=locked))


async def _put_away(connection: AsyncConnection, erasure: Erasure) -> None:
    conversation, request, now, *_ = erasure
    for name in (subject(conversation), case_subject(conversation)):
        away = update(KeyRow).where(KeyRow.subject == name)
        await connection.execute(away.values(subject=f"locked:{request}:{name}", erased_at=now))
    lines = update(MessageRow).where(MessageRow.conversation_id == conversation)
    await connection.execute(lines.values(conversation_id=f"{conversation}#{request}"))
    state = update(ConversationRow).where(ConversationRow.id == conversation)
    await connection.execute(state.values(sealed_state=b""))


async def overdue(engine: AsyncEngine, now: datetime) -> list[tuple[str, str]]:
    """Requests whose day has come, with their conversations."""
    query = select(ErasureRow.request, ErasureRow.conversation_id)
    query = query.where(ErasureRow.due_at <= now, ErasureRow.destroyed_at.is_(None))
    async with engine.connect() as connection:
        return [(row.request, row.conversation_id) for row in await connection.execute(query)]


async def cases(engine: AsyncEngine, conversation: str) -> Sequence[str]:
    """The locked cases of a chat."""
    locked = select(KeyRow.subject).where(KeyRow.erased_at.is_not(None))
    query = (
        select(CaseRow.id)
        .where(CaseRow.conversation_id == conversation)
        .where(("case:" + CaseRow.id).in_(locked))
    )
    async with engine.connect() as connection:
        return (await connection.scalars(query)).all()


async def destroy(engine: AsyncEngine, request: str, conversation: str, now: datetime) -> None:
    """Remove the keys for good, and the lines and cases that they sealed."""
    async with engine.begin() as connection:
        locked = select(KeyRow.subject).where(KeyRow.erased_at.is_not(None))
        known = await _cases(connection, conversation)
        erased = set((await connection.scalars(locked.where(KeyRow.subject.in_(known)))).all())
        gone = [name.partition(":")[2] for name in erased]
        await connection.execute(delete(CaseRow).where(CaseRow.id.in_(gone)))
        chat = MessageRow.conversation_id == f"{conversation}#{request}"
        await connection.execute(delete(MessageRow).where(chat))
        keys = KeyRow.subject.in_(erased) | KeyRow.subject.startswith(f"locked:{request}:")
        await connection.execute(update(KeyRow).where(keys).values(wrapped=None))
        done = update(ErasureRow).where(ErasureRow.request == request)
        await connection.execute(done.values(destroyed_at=now))
