"""Where a running Saathi's embedded servers are, for the commands beside it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from bot.embedded import postgres
from bot.settings import Settings


def _file(settings: Settings) -> Path:
    return settings.data_dir / "running.json"


def remember(settings: Settings, redis: str, database: str) -> None:
    """Write down where the servers of this process are."""
    _file(settings).write_text(json.dumps({"redis": redis, "database": database}), "utf-8")
    _file(settings).chmod(0o600)


def forget(settings: Settings) -> None:
    """This process ends."""
    _file(settings).unlink(missing_ok=True)


def known(settings: Settings) -> dict[str, str]:
    """The addresses: the settings' own, else those of a running Saathi."""
    try:
        running = json.loads(_file(settings).read_text("utf-8"))
    except (OSError, ValueError):
        running = {}
    return {
        "redis": settings.redis.url or running.get("redis", ""),
        "database": settings.database.url or running.get("database", ""),
    }


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[str]:
    """The database of this installation; an embedded one is started if it is not running."""
    url = known(settings)["database"]
    if settings.database.url or (url and _answers(url)):
        yield url
        return
    server = await asyncio.to_thread(postgres.start, settings.data_dir / "postgres")
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True
