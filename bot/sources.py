"""Where everything is kept, joined: Redis, the mailbox, the record and the keys."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import now
from bot.places import database_of, known
from bot.secret_files import master_key
from bot.settings import Settings
from storage import cipher
from storage.database import open_engine
from storage.keyring import Keyring
from storage.records import KeyTable, Records
from storage.redis_client import connect
from storage.redis_mailbox import RedisMailbox
from storage.redis_senders import Senders

NOWHERE = "redis://127.0.0.1:1"


@dataclass(frozen=True)
class Sources:
    """The same for a process that serves and for a command beside it."""

    master: bytes
    redis: Redis
    mailbox: RedisMailbox
    senders: Senders
    engine: AsyncEngine
    keyring: Keyring
    records: Records
    database: str


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Sources]:
    """The sources of this installation; an embedded database is started where none runs.

    Where no Redis is known, whatever asks it raises a RedisError.
    """
    async with database_of(settings) as url, AsyncExitStack() as stack:
        yield joined(settings, known(settings)["redis"] or NOWHERE, url, stack)


def joined(settings: Settings, redis_url: str, database_url: str, stack: AsyncExitStack) -> Sources:
    """Redis and PostgreSQL, and what is read from both; closed with the stack."""
    master = master_key(settings.data_dir / "secrets", settings.keys.master)
    engine = open_engine(database_url)
    stack.push_async_callback(engine.dispose)
    redis = connect(redis_url)
    stack.push_async_callback(redis.aclose)
    keyring = Keyring(redis, master, KeyTable(engine), shards=settings.redis.shards)
    records = Records(engine, keyring, now)
    index_key = cipher.derive(master, "address")
    mailbox = RedisMailbox(
        redis,
        keyring,
        index_key,
        records.restore,
        now,
        lambda: secrets.token_hex(16),
        per_minute=settings.web.per_minute,
        on_disk=settings.redis.on_disk,
        replicas=settings.redis.replicas,
    )
    stack.push_async_callback(mailbox.aclose)
    senders = Senders(redis, keyring.prefix, index_key)
    return Sources(master, redis, mailbox, senders, engine, keyring, records, database_url)
