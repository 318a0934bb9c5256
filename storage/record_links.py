"""Short-lived public links to stored files; whoever reads the table cannot follow one."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.cipher import SealedWrong
from storage.keyring import KeyErased, Keyring
from storage.record_seals import case_subject, open_words, seal_words
from storage.tables import FileLinkRow


class LinkedFile(Struct, frozen=True):
    """What a link leads to."""

    case: str
    document: str
    name: str
    mime: str


async def make_link(
    engine: AsyncEngine, keyring: Keyring, file: LinkedFile, expires_at: datetime
) -> str:
    """A fresh token for one file."""
    token = secrets.token_urlsafe(24)
    key = await keyring.key(case_subject(file.case))
    row = {
        "token_hash": _hashed(token),
        "case_id": file.case,
        "document": file.document,
        "mime": file.mime,
        "sealed_name": seal_words(key, f"file:{file.document}", file.name),
        "expires_at": expires_at,
    }
    async with engine.begin() as connection:
        await connection.execute(insert(FileLinkRow).values(row))
    return token


async def follow_link(
    engine: AsyncEngine, keyring: Keyring, token: str, now: datetime
) -> LinkedFile | None:
    """What a token leads to, None when it is unknown, too old, or its case was erased."""
    query = select(FileLinkRow.__table__).where(
        FileLinkRow.token_hash == _hashed(token), FileLinkRow.expires_at > now
    )
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    try:
        key = await keyring.key(case_subject(row.case_id))
        name = open_words(key, f"file:{row.document}", row.sealed_name)
    except (KeyErased, SealedWrong):
        return None
    return LinkedFile(row.case_id, row.document, name, row.mime)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
