"""`saathi check`: what is set up, reachable and missing, a line each."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
from redis.asyncio import Redis

from bot.antivirus import Antivirus
from bot.channels.telegram import open_telegram
from bot.places import known
from bot.rasa import Rasa
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
GOOD, OFF, BAD = "ok  ", "off ", "BAD "
Finding = tuple[str, str, str]


async def report(settings: Settings, say: Callable[[str], None]) -> int:
    """Say what was found; the exit status, 1 when something set up does not work."""
    checks = [
        _redis,
        _database,
        _documents,
        _rasa,
        _telegram,
        _whatsapp,
        _review,
        _public,
        _antivirus,
    ]
    found = [await _safely(check, settings) for check in checks]
    for mark, name, text in found:
        say(f"{mark} {name:<10} {text}")
    return int(any(mark == BAD for mark, _, _ in found))


async def _safely(check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    name = check.__name__.lstrip("_")
    try:
        return await asyncio.wait_for(check(settings), 15)
    except Exception as error:
        return BAD, name, f"does not answer ({type(error).__name__}); look at {name}.url or its key"


async def _redis(settings: Settings) -> Finding:
    url = known(settings)["redis"]
    if not url:
        return OFF, "redis", "embedded, not running now (starts with `saathi run`)"
    client = Redis.from_url(url)
    try:
        await client.ping()
    finally:
        await client.aclose()
    return GOOD, "redis", "answers" if settings.redis.url else "embedded, answers"


async def _database(settings: Settings) -> Finding:
    url = known(settings)["database"].replace("postgresql+psycopg://", "postgresql://")
    if not url:
        return OFF, "database", "embedded, not running now (starts with `saathi run`)"
    connection = await psycopg.AsyncConnection.connect(url, connect_timeout=5)
    await connection.close()
    return GOOD, "database", "answers" if settings.database.url else "embedded, answers"


async def _documents(settings: Settings) -> Finding:
    if settings.documents.url.startswith("s3:"):
        return GOOD, "documents", "S3; tried at the first document"
    if not _writable(Path(settings.documents.url or settings.data_dir / "documents")):
        return BAD, "documents", "the folder cannot be written to; set documents.url"
    return GOOD, "documents", "a folder on this machine, encrypted"


async def _antivirus(settings: Settings) -> Finding:
    url, required = settings.antivirus.url, settings.antivirus.required
    if not url:
        told = "required, but antivirus.url is empty: files are taken unseen"
        return (BAD, "antivirus", told) if required else (OFF, "antivirus", "none; files are taken")
    await Antivirus(url).harmful(_nothing())
    return GOOD, "antivirus", "answers"


async def _nothing() -> AsyncIterator[bytes]:
    yield b"nothing"


def _writable(folder: Path) -> bool:
    there = next(part for part in (folder, *folder.resolve().parents) if part.exists())
    return os.access(there, os.W_OK)


async def _rasa(settings: Settings) -> Finding:
    if settings.rasa.url:
        rasa = Rasa(settings.rasa.url, settings.rasa.token.get_secret_value())
        alive = await rasa.alive()
        await rasa.close()
        text = "answers" if alive else "does not answer: free text is asked again with choices"
        return (GOOD if alive else BAD), "rasa", text
    if (ROOT / ".build/models/current").exists():
        return GOOD, "rasa", "installed, starts with `saathi run`"
    return OFF, "rasa", "not installed (make setup); Saathi runs without it"


async def _telegram(settings: Settings) -> Finding:
    if not settings.channels.telegram.token.get_secret_value():
        return OFF, "telegram", "no channels.telegram.token (SAATHI_CHANNELS__TELEGRAM__TOKEN)"
    telegram = open_telegram(settings.channels.telegram)
    try:
        name = await telegram.describe()
    finally:
        await telegram.stop()
    return GOOD, "telegram", f"{name}, {settings.channels.telegram.mode}"


async def _whatsapp(settings: Settings) -> Finding:
    given = settings.channels.whatsapp
    if not given.account_sid:
        return OFF, "whatsapp", "no channels.whatsapp.account_sid"
    missing = [
        name
        for name, value in (
            ("channels.whatsapp.auth_token", given.auth_token.get_secret_value()),
            ("channels.whatsapp.sender", given.sender),
            ("public_url", settings.public_url),
        )
        if not value
    ]
    if missing:
        return BAD, "whatsapp", "not set: " + ", ".join(missing)
    return GOOD, "whatsapp", f"webhook {settings.public_url}/whatsapp#rc=3&rp=all"


async def _review(settings: Settings) -> Finding:
    if not settings.review.url:
        return OFF, "review", "no review.url: the sandbox serves (fictional cases only)"
    if not settings.review.webhook_secret.get_secret_value() and not settings.review.poll_seconds:
        return BAD, "review", "set review.webhook_secret, or review.poll_seconds to ask for news"
    return GOOD, "review", "set"


async def _public(settings: Settings) -> Finding:
    if not settings.public_url:
        return OFF, "public_url", "not set: needed for webhooks, not for polling"
    if not settings.public_url.startswith("https://"):
        return BAD, "public_url", "providers call https addresses only"
    return GOOD, "public_url", settings.public_url
