"""Brings a database to the newest tables, from code and safely by several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from storage.database import open_engine
from storage.tables import Table

HERE = Path(__file__).parent / "migrations"
LOCK = 7_224_284  # "saathi" on a phone's keys


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings; no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(url: str) -> None:
    """Bring the record and the job queue to their newest tables; harmless to repeat."""
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await connection.run_sync(_to_head)
            await connection.run_sync(_add_job_queue)
    finally:
        await engine.dispose()


async def revision_is_head(url: str) -> bool:
    """Whether the database has the tables that this build expects."""
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_is_head)
    finally:
        await engine.dispose()


def ours(name: str | None, kind: str, parents: object) -> bool:
    """Whether a table is the record's own: Procrastinate looks after its tables itself."""
    return kind != "table" or name in Table.metadata.tables


def _to_head(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def _is_head(connection: Connection) -> bool:
    heads = ScriptDirectory.from_config(alembic_config()).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def _add_job_queue(connection: Connection) -> None:
    if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")):
        return
    # Without parameters psycopg sends the whole script as it is, `%` signs included.
    cursor = connection.connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
