"""The record, read: conversations, cases, history, and the small things kept beside them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.conversation import Case, Conversation, Given
from flows.messages import Address
from storage import record_erase, record_history, record_links
from storage.documents import Documents
from storage.keyring import Keyring
from storage.mailbox_wire import open_state, subject
from storage.record_history import Said
from storage.record_keys import KeyTable
from storage.record_links import LinkedFile
from storage.record_seals import case_subject, open_answer
from storage.record_small import Marks, Templates
from storage.tables import (
    AgentSessionRow,
    AnswerRow,
    CaseRow,
    ConversationRow,
    FileLinkRow,
    NewsRow,
)

__all__ = ["KeyTable", "LinkedFile", "Marks", "Records", "Said", "Templates"]

NOT_WITH_THE_BACKEND = ("draft", "submitting", "closed")


class Records:
    """Questions to the record. What was erased raises KeyErased, or is simply not there."""

    def __init__(self, engine: AsyncEngine, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self._engine, self._keyring, self._now = engine, keyring, now

    async def ping(self) -> None:
        """Raise unless the database answers."""
        await self._rows(select(text("1")))

    async def restore(self, conversation: str) -> Conversation | None:
        """A conversation as last recorded; raises KeyErased."""
        query = select(ConversationRow.sealed_state).where(ConversationRow.id == conversation)
        rows = await self._rows(query)
        if not rows or not rows[0].sealed_state:
            return None
        key = await self._keyring.key(subject(conversation))
        return open_state(key, conversation, rows[0].sealed_state)

    async def case(self, case: str) -> tuple[Conversation, Case] | None:
        """A case and the conversation that it belongs to."""
        return await self._case(CaseRow.id == case)

    async def case_by_number(self, number: str) -> tuple[Conversation, Case] | None:
        """The one case of this number; None when there is none, or more than one."""
        return await self._case(CaseRow.number == number.strip().upper())

    async def address_of_case(self, number: str) -> Address | None:
        """Who asked for this case."""
        found = await self.case_by_number(number)
        return found[0].address if found else None

    async def open_cases(self) -> list[tuple[str, str, str]]:
        """Id, number and status of every case that the backend may have news of."""
        query = select(CaseRow.id, CaseRow.number, CaseRow.status)
        query = query.where(CaseRow.status.not_in(NOT_WITH_THE_BACKEND)).order_by(CaseRow.id)
        return [(row.id, row.number, row.status) for row in await self._rows(query)]

    async def answers_history(self, case: str, field: str) -> list[Given]:
        """Everything that was ever answered here, the oldest first."""
        query = select(AnswerRow.sealed).where(AnswerRow.case_id == case, AnswerRow.field == field)
        rows = await self._rows(query.order_by(AnswerRow.at))
        key = await self._keyring.key(case_subject(case)) if rows else b""
        return [open_answer(key, case, field, row.sealed) for row in rows]

    async def history(self, conversation: str, limit: int, before: int | None = None) -> list[Said]:
        """The newest bubbles, oldest first; with `before`, those before that `seq`."""
        return await record_history.history(
            self._engine, self._keyring, conversation, limit, before
        )

    async def see_news(self, news: str, case: str = "") -> bool:
        """Whether this event is seen for the first time."""
        row = insert(NewsRow).values(id=news, case_id=case).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            return await connection.scalar(row.returning(NewsRow.id)) is not None

    async def link(self, case: str, document: str, name: str, mime: str, minutes: float) -> str:
        """A token for a stored file that works for so many minutes."""
        file = LinkedFile(case, document, name, mime)
        until = self._now() + record_links.minutes(minutes)
        return await record_links.make_link(self._engine, self._keyring, file, until)

    async def file(self, token: str) -> LinkedFile | None:
        """What a token leads to; None when it is unknown or too old."""
        return await record_links.follow_link(self._engine, self._keyring, token, self._now())

    async def erase(
        self, conversation: str, request: str, by: datetime, cases: Sequence[str] = ()
    ) -> dict[str, bytes | None]:
        """Lock a chat and its cases for good; returns what to forget elsewhere, see `lock`.

        `cases`: those that the record may not know yet.
        """
        erasure = record_erase.Erasure(conversation, request, self._now(), by, tuple(cases))
        return await record_erase.lock(self._engine, erasure)

    async def destroy(self, documents: Documents) -> int:
        """Destroy what is locked and due: files, rows and keys; how many requests."""
        due = await record_erase.overdue(self._engine, self._now())
        for request, conversation in due:
            for case in await record_erase.cases(self._engine, conversation):
                await documents.empty(case)
            await record_erase.destroy(self._engine, request, conversation, self._now())
        return len(due)

    async def tidy(self) -> None:
        """Remove links and logins that are over."""
        async with self._engine.begin() as connection:
            for table in (FileLinkRow, AgentSessionRow):
                await connection.execute(delete(table).where(table.expires_at <= self._now()))

    async def _case(self, which: Any) -> tuple[Conversation, Case] | None:
        rows = await self._rows(select(CaseRow.id, CaseRow.conversation_id).where(which).limit(2))
        if len(rows) != 1:
            return None
        conversation = await self.restore(rows[0].conversation_id)
        for case in conversation.cases if conversation else ():
            if conversation and case.id == rows[0].id:
                return conversation, case
        return None

    async def _rows(self, query: Executable) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
        return rows
