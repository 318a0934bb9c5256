"""`saathi why`: why a person is where they are, in words, and nothing that anybody said."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.places import database_of, known
from bot.secret_files import master_key
from bot.settings import Settings
from flows.conversation import Conversation
from flows.turnaround import ZONE
from storage import mailbox_wire as wire
from storage import record_recent
from storage.database import open_engine
from storage.keyring import KeyErased, Keyring
from storage.outlook import Outlook, outlook
from storage.record_recent import JobState, Recent
from storage.record_small import DeadLetter, DeadLetters
from storage.records import KeyTable, Records
from storage.redis_client import connect

LINES, JOBS = 12, 10
HOLDERS = {"bot": "the person", "queue": "an agent to take the chat", "agent": "the agent"}


@dataclass(frozen=True)
class Known:
    """All that is told of one conversation; `waiting` is None where Redis does not answer."""

    conversation: Conversation
    waiting: Outlook | None
    recent: list[Recent]
    dead: list[DeadLetter]
    jobs: list[JobState]


async def why(settings: Settings, name: str) -> list[str] | None:
    """The lines for a case's number or a conversation's id; None when there is neither."""
    async with _sources(settings) as sources:
        try:
            found = await sources.find(name.strip())
        except KeyErased:
            return ["erased     at the person's wish; nothing can be read any more"]
        return list(lines(found)) if found else None


@dataclass(frozen=True)
class Sources:
    """Where it is looked up."""

    redis: Redis | None
    engine: AsyncEngine
    keyring: Keyring
    records: Records

    async def find(self, name: str) -> Known | None:
        """What is known of a case or conversation."""
        case = await self.records.case_by_number(name)
        identity = case[0].id if case else name
        conversation = await self._live(identity) or await self.records.restore(identity)
        if not conversation:
            return None
        cases = [each.id for each in conversation.cases]
        return Known(
            conversation,
            await self._waiting(identity),
            await record_recent.recent(self.engine, identity, LINES),
            await DeadLetters(self.engine).list(conversation=identity),
            await record_recent.jobs(self.engine, identity, cases, JOBS),
        )

    async def _live(self, identity: str) -> Conversation | None:
        if not self.redis:
            return None
        name = f"{self.keyring.prefix(wire.subject(identity))}c:{identity}"
        try:
            client: Any = self.redis  # redis-py types every answer as text or bytes
            sealed = await client.hget(name, "state")
        except RedisError:
            return None
        key = await self.keyring.key(wire.subject(identity)) if sealed else b""
        return wire.open_state(key, identity, sealed) if sealed else None

    async def _waiting(self, identity: str) -> Outlook | None:
        try:
            return await outlook(self.redis, self.keyring, identity) if self.redis else None
        except RedisError:
            return None


@asynccontextmanager
async def _sources(settings: Settings) -> AsyncIterator[Sources]:
    master = master_key(settings.data_dir / "secrets", settings.keys.master)
    async with database_of(settings) as url:
        engine, redis_url = open_engine(url), known(settings)["redis"]
        redis = connect(redis_url or "redis://127.0.0.1:1")
        keyring = Keyring(redis, master, KeyTable(engine), shards=settings.redis.shards)
        records = Records(engine, keyring, lambda: datetime.now(ZONE))
        try:
            yield Sources(redis if redis_url else None, engine, keyring, records)
        finally:
            await redis.aclose()
            await engine.dispose()


def lines(found: Known) -> Iterator[str]:
    """What is known, a line each; `_standing` first, then what moves."""
    yield from _standing(found.conversation)
    yield from _waiting(found.waiting)
    for job in found.jobs:
        when = f", next try {_at(job.at)}" if job.at else ""
        yield f"job        {job.name}: {job.status}, {job.attempts} tries so far{when}"
    for letter in found.dead:
        yield f"given up   {letter.kind or 'job'} {letter.id}: {letter.code}, {_at(letter.at)}"
    for line in found.recent:
        how_far = line.delivery.name.lower() if line.delivery else ""
        told = " ".join(part for part in (line.kind, how_far, line.code) if part)
        yield f"{'heard' if line.direction == 'in' else 'said':<10} {_at(line.at)} {told}"


def _standing(now: Conversation) -> Iterator[str]:
    yield f"chat       {now.id} on {now.address.channel}, language {now.language or 'not chosen'}"
    for number, case in enumerate(now.cases):
        mark = " (talked about now)" if number == now.current else ""
        yield f"case       {case.number}: {case.status}, {len(case.answers)} answers{mark}"
    yield f"step       {now.step}, misunderstood {now.misses} times in a row"
    since = f" since {_at(now.waiting_since)}" if now.waiting_since else ""
    yield f"waits for  {_whom(now)}{since}"
    yield f"last heard {_at(now.last_heard)}"
    if now.unsaid:
        yield f"unsaid     {len(now.unsaid)} bubbles wait for the person's next message"


def _whom(now: Conversation) -> str:
    if now.erased:
        return "nobody: the data is being erased"
    if now.blocked:
        return "the person, who has blocked the bot"
    if now.stopped:
        return "the person, who said stop"
    return HOLDERS[now.holder]


def _waiting(waiting: Outlook | None) -> Iterator[str]:
    if not waiting:
        yield "queue      not known: Redis does not answer (this is the record's last state)"
        return
    if waiting.unread:
        yield f"unread     {waiting.unread} updates, next turn {_at(waiting.turn_due)}"
    for each in waiting.queued:
        due = f"due {_at(each.due)}" if each.due else "behind another bubble"
        yield f"queued     {each.kind} {each.id}: {each.attempts} tries begun, {due}"
    if not (waiting.unread or waiting.queued):
        yield "queue      empty: nothing is on its way in or out"
    if not waiting.recorded:
        yield "record     behind Redis: the newest turn is not in the database yet"


def _at(time: datetime | None) -> str:
    return f"{time.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if time else "never"
