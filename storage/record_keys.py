"""The lasting copy of every wrapped key."""

import asyncio

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.keyring import KeyErased
from storage.tables import KeyRow

Found = dict[str, bytes | None]


class KeyTable:
    """Wrapped keys in PostgreSQL; see `storage.keyring.KeyStore`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._asked: list[str] = []
        self._answer: asyncio.Task[Found] | None = None
        self._busy = asyncio.Lock()

    async def get(self, subject: str) -> bytes | None:
        """The wrapped key, or None; raises KeyErased where it was destroyed."""
        # Every new chat asks: those who ask while a query is on its way share the next.
        self._asked.append(subject)
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read())
        found = await asyncio.shield(self._answer)
        if subject not in found:
            return None
        if (wrapped := found[subject]) is None:
            raise KeyErased
        return wrapped

    async def put(self, subject: str, wrapped: bytes) -> None:
        """Keep a wrapped key; a subject's first one stays. Raises KeyErased."""
        row = insert(KeyRow).values(subject=subject, wrapped=wrapped).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            await connection.execute(row)
        await self.get(subject)

    async def _read(self) -> Found:
        async with self._busy:
            await asyncio.sleep(0)
            asked, self._asked, self._answer = self._asked, [], None
            query = select(KeyRow.subject, KeyRow.wrapped, KeyRow.erased_at)
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query.where(KeyRow.subject.in_(asked)))).all()
        return {row.subject: None if row.erased_at else row.wrapped for row in rows}
