"""`saathi why`: why a person is where they are, in words, and nothing that anybody said."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from redis.exceptions import RedisError

from bot.settings import Settings
from bot.sources import Sources, opened
from flows.conversation import Conversation
from flows.turnaround import ZONE
from storage import record_recent
from storage.keyring import KeyErased
from storage.outlook import Outlook, outlook
from storage.record_dead import DeadLetter, DeadLetters
from storage.record_recent import JobState, Recent

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
    async with opened(settings) as sources:
        try:
            found = await _find(sources, name.strip())
        except KeyErased:
            return ["erased     at the person's wish; nothing can be read any more"]
        return list(lines(found)) if found else None


async def _find(sources: Sources, name: str) -> Known | None:
    """What is known of a case or conversation."""
    case = await sources.records.case_by_number(name)
    identity = case[0].id if case else name
    conversation = await _live(sources, identity) or await sources.records.restore(identity)
    if not conversation:
        return None
    cases = [each.id for each in conversation.cases]
    return Known(
        conversation,
        await _waiting_in(sources, identity),
        await record_recent.recent(sources.engine, identity, LINES),
        await DeadLetters(sources.engine).list(conversation=identity),
        await record_recent.jobs(sources.engine, identity, cases, JOBS),
    )


async def _live(sources: Sources, identity: str) -> Conversation | None:
    try:
        return await sources.mailbox.peek(identity)
    except RedisError:
        return None


async def _waiting_in(sources: Sources, identity: str) -> Outlook | None:
    try:
        return await outlook(sources.redis, sources.keyring, identity)
    except RedisError:
        return None


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
