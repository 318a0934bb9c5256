"""Small lasting things: Twilio's content resources, how far polling got."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import ContentTemplateRow, MarkRow


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
