"""From sealed bytes to turns and effects, and back."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import structs

from flows.conversation import Conversation
from flows.effects import Effect, Say, Wake
from flows.messages import Address, Update
from storage import mailbox_wire as wire
from storage.cipher import SealedWrong
from storage.keyring import Keyring
from storage.mailbox import Asked, Outgoing, Turn
from storage.mailbox_log import LogEntry
from storage.redis_scripts import Argument

Restore = Callable[[str], Awaitable[Conversation | None]]
RawTurn = tuple[bytes, int, bytes | None, list[bytes], bytes, bytes]
RawEffect = tuple[bytes, bytes, int, bytes]
T = TypeVar("T")


class NotRestored(Exception):
    """A conversation could not be asked back from the record now; `turn` is to be put off."""

    def __init__(self, name: str, fence: int, reason: str) -> None:
        super().__init__(reason)
        self.name, self.fence = name, fence


class Opening:
    """Seals and opens with each conversation's key."""

    def __init__(self, keyring: Keyring, restore: Restore, new_seed: Callable[[], str]) -> None:
        self._keyring, self._restore, self._new_seed = keyring, restore, new_seed

    async def key(self, name: str) -> bytes:
        """A conversation's key; raises KeyErased."""
        return await self._keyring.key(wire.subject(name))

    async def pair(self, name: str, *, fresh: bool = False) -> tuple[bytes, bytes]:
        """A conversation's key, as it is and wrapped; raises KeyErased."""
        if fresh:
            self._keyring.refresh(wire.subject(name))
        return await self._keyring.pair(wire.subject(name))

    async def turn(self, raw: RawTurn) -> Turn:
        """A leased turn; its state comes from the record, or is new, where Redis has none."""
        name, fence, state, entries = raw[0].decode(), raw[1], raw[2], raw[3]
        asked = Asked(raw[4], int(raw[5]))
        key, updates = await self._open(name, lambda key: _updates(key, name, entries))
        if state:
            return Turn(wire.open_state(key, name, state), updates, fence, asked=asked)
        try:
            restored = await self._restore(name)
        except Exception as error:
            raise NotRestored(name, fence, type(error).__name__) from error
        fresh = restored or Conversation(name, updates[0].sender, self._new_seed())
        return Turn(fresh, updates, fence)

    async def undone(self, turn: Turn, raw: list[bytes]) -> Turn:
        """A turn with the one before it, whose state and entries are given, taken back."""
        name = turn.conversation.id
        key = await self.key(name)
        before, again = wire.open_state(key, name, raw[0]), _updates(key, name, raw[1:])
        return structs.replace(turn, conversation=before, again=again)

    async def state(self, name: str, sealed: bytes) -> Conversation:
        """A stored conversation."""
        return (await self._open(name, lambda key: wire.open_state(key, name, sealed)))[1]

    async def outgoing(
        self, raw: RawEffect, to: Address | None = None, known: Mapping[bytes, Effect] | None = None
    ) -> Outgoing:
        """A leased effect; one that is `known` here need not be opened."""
        name, number, sealed = raw[0].decode(), f"{raw[0].decode()}.{raw[1].decode()}", raw[3]
        if to and known and raw[1] in known:
            return Outgoing(number, name, to, known[raw[1]], raw[2])
        _, parcel = await self._open(name, lambda key: wire.open_parcel(key, name, sealed))
        return Outgoing(number, name, parcel.to, parcel.effect, raw[2])

    async def _open(self, name: str, read: Callable[[bytes], T]) -> tuple[bytes, T]:
        key = await self.key(name)
        try:
            return key, read(key)
        except SealedWrong:
            # Redis may have been emptied and the key made anew by another process.
            key, _ = await self.pair(name, fresh=True)
            return key, read(key)


def waiting(key: bytes, name: str, update: Update, at: datetime) -> list[Argument]:
    """An update for the inbox: what it is known by, and its entry ("L": to be logged)."""
    kind = wire.what(update)
    head = wire.head(LogEntry("in", update.id, name, at, kind))
    entry = (b"L" if kind else b"-") + head + wire.seal_update(key, name, update)
    return [wire.fingerprint(update.id), entry]


def leaving(key: bytes, name: str, to: Address, effect: Effect, now: int) -> list[Argument]:
    """An effect for the outbox: when it is due, its tag, its sealed form."""
    due = milliseconds(effect.at) if isinstance(effect, Wake) else now
    tag = _tag(effect) if isinstance(effect, Say) else b"-"
    return [due, tag, wire.seal_parcel(key, name, wire.Parcel(to, effect))]


def _tag(say: Say) -> bytes:
    """What the queue must know of a bubble: whether it silences (s), is a reply (r) or neither
    (k), and by what it is replaced."""
    kind = b"s" if say.silences else b"r" if say.reply else b"k"
    return kind + (wire.fingerprint(say.replaces) if say.replaces else b"")


def milliseconds(at: datetime) -> int:
    """A time as the scripts count it."""
    return int(at.timestamp() * 1000)


def _updates(key: bytes, name: str, entries: list[bytes]) -> tuple[Update, ...]:
    sealed = (wire.split(entry[1:])[1] for entry in entries)
    return wire.in_order([wire.open_update(key, name, each) for each in sealed])
