"""The mailbox in Redis: each step of a turn is one script, atomic and sealed."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from flows.conversation import Conversation
from flows.effects import Effect, Say
from flows.messages import Delivery, Update
from storage import mailbox_wire as wire
from storage import pulse
from storage.keyring import KeyErased, Keyring
from storage.mailbox import UNDO_SECONDS, Asked, Outgoing, Turn, asked, undoable, unwritten
from storage.mailbox_log import Checkpoint, LogEntry
from storage.mailbox_wire import conversation_id
from storage.redis_bell import Bell
from storage.redis_client import patient
from storage.redis_durable import Durable
from storage.redis_inlet import DAY, SEEN, Inlet, Limits
from storage.redis_opening import (
    NotRestored,
    Opening,
    RawEffect,
    RawTurn,
    Restore,
    leaving,
    milliseconds,
)
from storage.redis_record import Record
from storage.redis_scripts import Argument, Scripts

SENT, EARLY = 30 * DAY, 600_000
RESTORE_AGAIN = 5.0

log = logging.getLogger(__name__)

__all__ = ["RedisMailbox", "conversation_id"]


class RedisMailbox:
    """One way in, one way out, in front of Redis; see `storage.mailbox.Mailbox`."""

    def __init__(
        self,
        redis: Redis,
        keyring: Keyring,
        index_key: bytes,
        restore: Restore,
        now: Callable[[], datetime],
        new_seed: Callable[[], str],
        *,
        lease_seconds: float = 30.0,
        turn_seconds: float = 8.0,
        most: int = 100,
        per_minute: int = 200,
        on_disk: bool = False,
        replicas: int = 0,
    ) -> None:
        """How it is to work.

        `lease_seconds`: how long an effect may take, `turn_seconds` a turn, until another
        worker takes it up. `per_minute`: messages of one chat that are read. `on_disk`: `put`
        returns once the updates are on disk, also on so many replicas.
        """
        self._index_key, self._now, self._most = index_key, now, most
        self._lease, self._turn_lease = lease_seconds, turn_seconds
        self._prefix_of = keyring.prefix
        self._prefixes = [f"{{s{n}}}:" for n in range(keyring.shards)]
        self._first = 0
        self._pulse = pulse.Pulse()
        self._patient = patient(redis)
        self._scripts = Scripts(self._patient)
        self._opening = Opening(keyring, restore, new_seed)
        durable = Durable(self._patient, replicas) if on_disk else None
        limits = Limits(most, per_minute)
        self._inlet = Inlet(self._scripts, self._opening, self._prefix, limits, durable)
        self._record = Record(redis, self._scripts, self._prefixes)
        self._bell = Bell(self._patient, [f"{each}bell" for each in self._prefixes], self._due)

    async def put(self, updates: Sequence[Update], *, claim: bool = False) -> list[Turn]:
        """Keep updates, each once for good; with `claim`, turns that may start at once."""
        groups: dict[str, list[Update]] = {}
        for update in updates:
            name = conversation_id(self._index_key, update.sender)
            groups.setdefault(name, []).append(update)
        until = self._turn_until() if claim else 0
        puts = [self._put(*each, until) for each in groups.items()]
        turns = await asyncio.gather(*puts) if len(puts) > 1 else [await puts[0]] if puts else []
        if not claim:
            self._bell.ring()
        return [turn for turn in turns if turn]

    async def take(self) -> Turn | None:
        """The longest-waiting conversation with its updates, leased to the caller."""
        for prefix in self._rotated():
            while raw := await self._run("take", prefix, self._turn_until(), self._most):
                if turn := await self._turn(raw):
                    return turn
        return None

    async def commit(
        self, turn: Turn, after: Conversation, effects: Sequence[Effect], *, claim: bool = False
    ) -> list[Outgoing] | None:
        """State, inbox trimmed and effects kept: all, or None when the turn was overtaken."""
        name = turn.conversation.id
        try:
            key = await self._opening.key(name)
        except KeyErased:
            return None
        until = self._until() if claim else 0
        state = wire.seal_state(key, after)
        undo = int(UNDO_SECONDS * 1000) if undoable(turn, effects) else 0
        logged = 0 if unwritten(effects) else 1
        parts: list[Argument] = [name, turn.fence, len(turn.updates), until, state, undo, logged]
        for n, effect in enumerate(effects):
            parts += [n, *leaving(key, name, after.address, effect, self._ms())]
        raw = await self._run("commit", self._prefix(name), *parts)
        if raw is None:
            return None
        self._bell.ring()
        known = {f"{turn.fence}.{n}".encode(): each for n, each in enumerate(effects)}
        return [await self._opening.outgoing(each, after.address, known) for each in raw]

    async def undone(self, turn: Turn) -> Turn:
        """The turn with the one before it taken back; as it is where that cannot be any more."""
        name = turn.conversation.id
        raw = await self._run("undo", self._prefix(name), name)
        return await self._opening.undone(turn, raw) if raw else turn

    async def release(self, turn: Turn, delay: float) -> None:
        """Give a turn back untouched, to be taken again after `delay` seconds."""
        await self._put_back(turn.conversation.id, turn.fence, delay)

    async def next_outgoing(self) -> Outgoing | None:
        """The next effect due. Bubbles of one conversation come one by one, in order."""
        for prefix in self._rotated():
            while raw := await self._run("next", prefix, self._until()):
                if outgoing := await self._outgoing(raw):
                    return outgoing
        return None

    async def done(self, outgoing: Outgoing, message_id: str = "") -> list[Outgoing]:
        """An effect was carried out; what may follow it is leased to the caller."""
        here = self._prefix(outgoing.conversation)
        sent: list[Argument] = ["", "", 0]
        if message_id:
            name = f"{outgoing.to.channel}:{message_id}"
            sent = [name, f"{outgoing.conversation} {outgoing.id}", SENT]
            if (there := self._prefix_of(name)) != here:
                await self._run("sent", there, *sent)
                sent = ["", "", 0]
        head = self._head("out", outgoing, Delivery.ACCEPTED, message_id=message_id)
        shown = asked(outgoing.effect, message_id) or Asked()
        parts = [*_which(outgoing), self._until(), _is_say(outgoing), head, *sent]
        parts += [shown.step, shown.order]
        raw = await self._run("done", here, *parts)
        following = await self._outgoing(raw) if raw else None
        return [following] if following else []

    async def again(self, outgoing: Outgoing, delay: float) -> None:
        """Try an effect again after `delay` seconds; the conversation's order stays."""
        parts = [*_attempt(outgoing), self._until(delay), _is_say(outgoing)]
        await self._run("again", self._prefix(outgoing.conversation), *parts)
        self._bell.ring()

    async def give_up(self, outgoing: Outgoing, code: str) -> None:
        """Move an effect to the dead letters, so that the next one may go."""
        dead, out = (self._head(kind, outgoing, Delivery.FAILED, code) for kind in ("dead", "out"))
        parts = [*_attempt(outgoing), _is_say(outgoing), dead, out]
        await self._run("give_up", self._prefix(outgoing.conversation), *parts)
        self._bell.ring()

    async def requeue(self, conversation: str, effect: str, sealed: bytes) -> str:
        """Send a given-up effect again: a new attempt with an id of its own, once.

        Raises KeyErased and SealedWrong where its words are gone.
        """
        key = await self._opening.key(conversation)
        is_say = isinstance(wire.open_parcel(key, conversation, sealed).effect, Say)
        ref = f"{effect.partition('.')[2]}.1"
        mark = wire.fingerprint(f"requeue:{ref}")
        parts: list[Argument] = [conversation, ref, mark, int(is_say), sealed, SEEN]
        await self._run("requeue", self._prefix(conversation), *parts)
        self._bell.ring()
        return f"{conversation}.{ref}"

    async def receipt(self, channel: str, message_id: str, how_far: Delivery, code: str) -> None:
        """How far a sent reply got, by the provider's id of it."""
        name = f"{channel}:{message_id}"
        news = LogEntry("status", "", "", self._now(), "", message_id, how_far, code)
        prefix = self._prefix_of(name)
        await self._run("receipt", prefix, name, wire.head(news), EARLY)

    async def beat(self) -> int:
        """Tell that this process lives, and free what dead ones held; to be called each second.

        Only where Redis was not away: then the others must have time to tell first.
        """
        looks = int(self._pulse.steady())
        longest = int(1000 * max(self._lease, 8 * self._turn_lease))
        told = int(1000 * pulse.STEADY_SECONDS)
        freed = [await self._run("alive", each, looks, longest, told) for each in self._prefixes]
        self._pulse.beaten()
        if any(freed):
            self._bell.ring()
        return sum(freed)

    async def wait(self, seconds: float) -> None:
        """Sleep until something may be ready, at most `seconds`."""
        await self._bell.wait(seconds)

    async def peek(self, conversation: str) -> Conversation | None:
        """The state of a conversation as last committed, None when Redis has none."""
        sealed = await self._record.state(self._prefix(conversation), conversation)
        return await self._opening.state(conversation, sealed) if sealed else None

    async def dirty(self, limit: int) -> list[Checkpoint]:
        """Conversations committed since their last checkpoint, the oldest mark first."""
        return await self._record.dirty(limit)

    async def clean(self, checkpoints: Sequence[Checkpoint]) -> None:
        """These checkpoints are in the record; newer commits stay marked."""
        cleaned = (self._record.clean(self._prefix(c.conversation), c) for c in checkpoints)
        await asyncio.gather(*cleaned)

    async def log(self, limit: int) -> list[LogEntry]:
        """The oldest log entries that the record does not hold yet."""
        return await self._record.log(limit)

    async def trim_log(self, n: int) -> None:
        """The first `n` entries of what `log` returned last are in the record."""
        await self._record.trim_log(n)

    async def dead(self, limit: int) -> list[LogEntry]:
        """The oldest dead letters."""
        return await self._record.dead(limit)

    async def bury(self) -> None:
        """What `dead` returned last is in the record."""
        await self._record.bury()

    async def forget(self, conversation: str, wrapped: bytes | None = None) -> None:
        """Remove all of a conversation here: state, inbox, outbox, seen ids.

        With `wrapped`, only what that key sealed, and the key.
        """
        await self._run("forget", self._prefix(conversation), conversation, wrapped or b"")

    async def aclose(self) -> None:
        """Stop listening; the client stays open."""
        await self._bell.aclose()
        await self._scripts.aclose()
        await self._inlet.aclose()
        await self._patient.aclose()

    async def _put(self, name: str, updates: list[Update], until: int) -> Turn | None:
        raw = await self._inlet.put(name, updates, self._ms(), until)
        return await self._turn(raw) if raw else None

    async def _turn(self, raw: RawTurn) -> Turn | None:
        try:
            return await self._opening.turn(raw)
        except KeyErased:
            await self.forget(raw[0].decode())
        except NotRestored as problem:
            log.warning("conversation not restored, trying again later: %s", problem)
            await self._put_back(problem.name, problem.fence, RESTORE_AGAIN)
        return None

    async def _outgoing(self, raw: RawEffect) -> Outgoing | None:
        try:
            return await self._opening.outgoing(raw)
        except KeyErased:
            await self.forget(raw[0].decode())
        return None

    async def _put_back(self, name: str, fence: int, delay: float) -> None:
        await self._run("release", self._prefix(name), name, fence, self._until(delay))
        self._bell.ring()

    async def _due(self) -> float:
        soon = await asyncio.gather(*(self._run("due", each) for each in self._prefixes))
        return min((ms / 1000 for ms in soon if ms >= 0), default=float("inf"))

    async def _run(self, script: str, prefix: str, *args: Argument) -> Any:
        return await self._scripts.call(script, prefix, self._ms(), *args)

    def _head(
        self, kind: Any, outgoing: Outgoing, how_far: Delivery, code: str = "", message_id: str = ""
    ) -> bytes:
        name, what = outgoing.conversation, str(outgoing.effect.__struct_config__.tag)
        at = self._now()
        return wire.head(LogEntry(kind, outgoing.id, name, at, what, message_id, how_far, code))

    def _ms(self) -> int:
        return milliseconds(self._now())

    def _until(self, delay: float | None = None) -> int:
        return self._ms() + int(1000 * (self._lease if delay is None else delay))

    def _turn_until(self) -> int:
        return self._until(self._turn_lease)

    def _rotated(self) -> list[str]:
        """All shards, another one first each time, so that none starves."""
        self._first = (self._first + 1) % len(self._prefixes)
        return self._prefixes[self._first :] + self._prefixes[: self._first]

    def _prefix(self, conversation: str) -> str:
        return self._prefix_of(wire.subject(conversation))


def _which(outgoing: Outgoing) -> list[Argument]:
    return [outgoing.conversation, outgoing.id.partition(".")[2]]


def _attempt(outgoing: Outgoing) -> list[Argument]:
    return [*_which(outgoing), outgoing.attempt + 1]


def _is_say(outgoing: Outgoing) -> int:
    return int(isinstance(outgoing.effect, Say))
