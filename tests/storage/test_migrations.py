"""The migrations make exactly the tables that the code knows, once, whoever starts them."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from storage.database import open_engine
from storage.migrate import migrate, ours, revision_is_head
from storage.tables import Table


async def names_of_tables(url: str) -> set[str]:
    engine = open_engine(url)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    await engine.dispose()
    return names


async def test_makes_our_tables_and_the_job_queues(postgres_url: str) -> None:
    assert not await revision_is_head(postgres_url)
    await migrate(postgres_url)
    assert await revision_is_head(postgres_url)
    names = await names_of_tables(postgres_url)
    assert set(Table.metadata.tables) <= names
    assert "procrastinate_jobs" in names


async def test_models_and_migrations_do_not_differ(postgres_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"include_name": ours, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Table.metadata))

    await migrate(postgres_url)
    engine = open_engine(postgres_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(differences) == []
        await connection.execute(text("ALTER TABLE news ADD COLUMN stray text"))
        assert len(await connection.run_sync(differences)) == 1
        await connection.rollback()
    await engine.dispose()


async def test_migrating_twice_and_at_once_is_harmless(postgres_url: str) -> None:
    await asyncio.gather(*(migrate(postgres_url) for _ in range(3)))
    before = await names_of_tables(postgres_url)
    await migrate(postgres_url)
    assert await names_of_tables(postgres_url) == before
    assert await revision_is_head(postgres_url)


async def test_the_job_queue_works_after_migrating(postgres_url: str) -> None:
    await migrate(postgres_url)
    engine = open_engine(postgres_url)
    async with engine.connect() as connection:
        waiting = await connection.scalar(text("SELECT count(*) FROM procrastinate_jobs"))
        functions = await connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate_fetch_job%'")
        )
    await engine.dispose()
    assert waiting == 0
    assert functions
