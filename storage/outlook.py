"""What waits in Redis for one conversation, without what was said: for `saathi why`."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis

from storage import mailbox_wire as wire
from storage.cipher import SealedWrong
from storage.keyring import KeyErased, Keyring


class Queued(Struct, frozen=True):
    """An effect on its way. `attempts` counts those begun; `due` is None behind another bubble."""

    id: str
    kind: str
    attempts: int
    due: datetime | None


class Outlook(Struct, frozen=True):
    """`unread` updates wait for `turn_due`; `recorded`: the record has every commit."""

    unread: int
    turn_due: datetime | None
    queued: tuple[Queued, ...]
    recorded: bool


async def outlook(redis: Redis, keyring: Keyring, conversation: str) -> Outlook:
    """What waits; raises the client's errors where Redis does not answer."""
    prefix = keyring.prefix(wire.subject(conversation))
    pipe: Any = redis.pipeline(transaction=True)
    pipe.llen(f"{prefix}in:{conversation}")
    pipe.zscore(f"{prefix}ready", conversation)
    pipe.zscore(f"{prefix}dirty", conversation)
    pipe.hgetall(f"{prefix}fx:{conversation}")
    unread, ready, dirty, effects = await pipe.execute()
    refs = sorted((name for name in effects if _is_effect(name)), key=_place)
    dues: Any = redis.pipeline(transaction=False)
    for ref in refs:
        dues.zscore(f"{prefix}out", f"{conversation}.{ref.decode()}")
    dues.zscore(f"{prefix}out", conversation)
    *single, lane = await dues.execute()
    key = await _key(keyring, conversation)
    queued = list[Queued]()
    for ref, due in zip(refs, single, strict=True):
        kind = _kind(key, conversation, effects[ref])
        if kind == "Say":
            # Bubbles share one place in the queue: only the first has a time of its own.
            due, lane = lane, None
        attempts = int(effects.get(ref + b":n", 0))
        queued.append(Queued(f"{conversation}.{ref.decode()}", kind, attempts, _time(due)))
    return Outlook(unread, _time(ready) if unread else None, tuple(queued), dirty is None)


def _is_effect(name: bytes) -> bool:
    return name not in (b"held", b"by") and not name.endswith(b":n")


def _place(ref: bytes) -> list[int]:
    # Fence and number; one more for each time that it was given up and sent again.
    return [int(part) for part in ref.split(b".")]


async def _key(keyring: Keyring, conversation: str) -> bytes:
    try:
        return await keyring.key(wire.subject(conversation))
    except KeyErased:
        return b""


def _kind(key: bytes, conversation: str, sealed: bytes) -> str:
    try:
        parcel = wire.open_parcel(key, conversation, sealed) if key else None
    except SealedWrong:
        parcel = None
    return type(parcel.effect).__name__ if parcel else "unreadable"


def _time(milliseconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
