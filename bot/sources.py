"""What a command beside a running Saathi reads: Redis, the record, the keys."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.places import database_of, known
from bot.secret_files import master_key
from bot.settings import Settings
from flows.turnaround import ZONE
from storage import cipher
from storage.database import open_engine
from storage.keyring import Keyring
from storage.records import KeyTable, Records
from storage.redis_client import connect
from storage.redis_mailbox import RedisMailbox


@dataclass(frozen=True)
class Sources:
    """`redis` and `mailbox` are None where no Redis is known."""

    redis: Redis | None
    mailbox: RedisMailbox | None
    engine: AsyncEngine
    keyring: Keyring
    records: Records
    database: str


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Sources]:
    """The sources of this installation; an embedded database is started where none runs."""
    master = master_key(settings.data_dir / "secrets", settings.keys.master)
    async with database_of(settings) as url:
        engine, redis_url = open_engine(url), known(settings)["redis"]
        redis = connect(redis_url or "redis://127.0.0.1:1")
        keyring = Keyring(redis, master, KeyTable(engine), shards=settings.redis.shards)
        records = Records(engine, keyring, _now)
        mailbox = RedisMailbox(
            redis, keyring, cipher.derive(master, "address"), records.restore, _now, _seed
        )
        there = bool(redis_url)
        try:
            yield Sources(
                redis if there else None,
                mailbox if there else None,
                engine,
                keyring,
                records,
                url,
            )
        finally:
            await mailbox.aclose()
            await redis.aclose()
            await engine.dispose()


def _now() -> datetime:
    return datetime.now(ZONE)


def _seed() -> str:
    return secrets.token_hex(16)
