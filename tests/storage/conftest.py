"""What the storage tests share: a record on real PostgreSQL, keys in a real Valkey."""

import os
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine
from storage.keyring import Keyring
from storage.recorder import Recorder
from storage.records import KeyTable, Records
from tests.storage.recording import MASTER, Boxes, Clock

# SeaweedFS encrypts at rest (SSE-S3) only with a key of its own; it inherits this one.
os.environ.setdefault("WEED_S3_SSE_KEY", "a key for tests only")


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections to an empty record."""
    opened = open_engine(migrated_url)
    yield opened
    await opened.dispose()


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Valkey."""
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
def keyring(redis: Redis, engine: AsyncEngine) -> Keyring:
    """Keys that last in the record."""
    return Keyring(redis, MASTER, KeyTable(engine))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def boxes(keyring: Keyring) -> Boxes:
    """The mailbox's side of the record, in memory."""
    return Boxes(keyring)


@pytest.fixture
def recorder(boxes: Boxes, engine: AsyncEngine, keyring: Keyring, clock: Clock) -> Recorder:
    """A recorder that knows nothing yet."""
    return Recorder(boxes, engine, keyring, clock)


@pytest.fixture
def records(engine: AsyncEngine, keyring: Keyring, clock: Clock) -> Records:
    """The record, read."""
    return Records(engine, keyring, clock)
