"""Locking what a person sent when they ask for it, and destroying it by the promised day."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.mailbox_wire import subject
from storage.record_seals import case_subject
from storage.tables import CaseRow, ConversationRow, DocumentRow, ErasureRow, KeyRow, MessageRow


async def lock(
    engine: AsyncEngine, conversation: str, request: str, now: datetime, due: datetime
) -> list[str]:
    """Give out no key of what was sent so far; returns the keys' subjects.

    The chat itself may begin anew: its old key and its old lines are put away under the
    request, a new key is made at the next message.
    """
    async with engine.begin() as connection:
        if await connection.scalar(select(ErasureRow).where(ErasureRow.request == request)):
            return []
        chats = [subject(conversation), case_subject(conversation)]
        cases = await _cases(connection, conversation)
        await _lock_cases(connection, cases, now)
        await _put_away(connection, conversation, chats, request, now)
        erasure = {"conversation_id": conversation, "locked_at": now, "due_at": due}
        await connection.execute(insert(ErasureRow).values(request=request, **erasure))
    return [*chats, *cases]


async def _cases(connection: AsyncConnection, conversation: str) -> list[str]:
    query = select(CaseRow.id).where(CaseRow.conversation_id == conversation)
    return [case_subject(each) for each in (await connection.scalars(query)).all()]


async def _lock_cases(connection: AsyncConnection, cases: list[str], now: datetime) -> None:
    if not cases:
        return
    # A key that never reached the record gets its row too, so that it never will.
    locked = [{"subject": name, "erased_at": now} for name in cases]
    row = insert(KeyRow).values(locked)
    await connection.execute(
        row.on_conflict_do_update(index_elements=["subject"], set_={"erased_at": now})
    )


async def _put_away(
    connection: AsyncConnection, conversation: str, chats: list[str], request: str, now: datetime
) -> None:
    for name in chats:
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


async def files(engine: AsyncEngine, conversation: str) -> list[tuple[str, str]]:
    """The stored files of a chat's locked cases: case and document."""
    locked = select(KeyRow.subject).where(KeyRow.erased_at.is_not(None))
    query = (
        select(DocumentRow.case_id, DocumentRow.document)
        .join(CaseRow, CaseRow.id == DocumentRow.case_id)
        .where(CaseRow.conversation_id == conversation)
        .where(("case:" + CaseRow.id).in_(locked))
    )
    async with engine.connect() as connection:
        return [(row.case_id, row.document) for row in await connection.execute(query)]


async def destroy(engine: AsyncEngine, request: str, conversation: str, now: datetime) -> None:
    """Remove the keys for good, and the lines and cases that they sealed."""
    async with engine.begin() as connection:
        locked = select(KeyRow.subject).where(KeyRow.erased_at.is_not(None))
        cases = await _cases(connection, conversation)
        erased = set((await connection.scalars(locked.where(KeyRow.subject.in_(cases)))).all())
        gone = [name.partition(":")[2] for name in erased]
        await connection.execute(delete(CaseRow).where(CaseRow.id.in_(gone)))
        chat = MessageRow.conversation_id == f"{conversation}#{request}"
        await connection.execute(delete(MessageRow).where(chat))
        keys = KeyRow.subject.in_(erased) | KeyRow.subject.startswith(f"locked:{request}:")
        await connection.execute(update(KeyRow).where(keys).values(wrapped=None))
        done = update(ErasureRow).where(ErasureRow.request == request)
        await connection.execute(done.values(destroyed_at=now))
