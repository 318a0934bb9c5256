"""The mailbox in memory, for tests: the same promises as in Redis, none of its durability."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import structs

from flows.conversation import Conversation
from flows.effects import Effect, Say, Wake
from flows.messages import Address, Delivery, Update
from storage.mailbox import UNDO_SECONDS, Asked, Outgoing, Turn, asked, undoable
from storage.mailbox_wire import conversation_id, in_order
from storage.redis_opening import Restore


@dataclass
class Waiting:
    """A committed effect: `due` is when it may go, or when its lease ends."""

    id: str
    to: Address
    effect: Effect
    due: datetime
    leased: bool = False
    attempts: int = 0


@dataclass
class Box:
    """One conversation; `due` is None when nothing waits."""

    id: str
    state: Conversation | None = None
    seen: set[str] = field(default_factory=set)
    inbox: list[Update] = field(default_factory=list)
    due: datetime | None = None
    fence: int = 0
    open: bool = False
    lane: list[Waiting] = field(default_factory=list)
    jobs: list[Waiting] = field(default_factory=list)
    undo: tuple[Conversation, tuple[Update, ...], datetime] | None = None
    asked: Asked = field(default_factory=Asked)


class MemoryMailbox:
    """Everything in plain attributes, so that a test can look at it."""

    def __init__(
        self,
        index_key: bytes,
        restore: Restore,
        now: Callable[[], datetime],
        new_seed: Callable[[], str],
        *,
        lease_seconds: float = 30.0,
        most: int = 100,
    ) -> None:
        self._index_key, self._restore, self._now = index_key, restore, now
        self._new_seed, self._most = new_seed, most
        self._lease = timedelta(seconds=lease_seconds)
        self._rung = asyncio.Event()
        self.boxes: dict[str, Box] = {}
        self.sent: dict[tuple[str, str], str] = {}
        self.receipts: list[tuple[str, Delivery, str]] = []
        self.dead_letters: list[tuple[Outgoing, str]] = []

    async def put(self, updates: Sequence[Update], *, claim: bool = False) -> list[Turn]:
        """Keep updates, each once for good; with `claim`, turns that may start at once."""
        touched: dict[str, Box] = {}
        for update in updates:
            name = conversation_id(self._index_key, update.sender)
            box = touched[name] = self.boxes.setdefault(name, Box(name))
            if update.id not in box.seen:
                box.seen.add(update.id)
                box.inbox.append(update)
                box.due = box.due or self._now()
        self._rung.set()
        return [await self._turn(box) for box in touched.values() if claim and self._ready(box)]

    async def take(self) -> Turn | None:
        """The longest-waiting conversation with its updates, leased to the caller."""
        ready = [box for box in self.boxes.values() if self._ready(box)]
        longest = min(ready, key=lambda box: box.due or self._now(), default=None)
        return await self._turn(longest) if longest else None

    async def commit(
        self, turn: Turn, after: Conversation, effects: Sequence[Effect], *, claim: bool = False
    ) -> list[Outgoing] | None:
        """State, inbox trimmed and effects kept: all, or None when the turn was overtaken."""
        box = self.boxes[turn.conversation.id]
        if not box.open or box.fence != turn.fence:
            return None
        box.undo = None
        if box.state and undoable(turn, effects):
            until = self._now() + timedelta(seconds=UNDO_SECONDS)
            box.undo = box.state, turn.updates, until
        box.open, box.state = False, after
        del box.inbox[: len(turn.updates)]
        box.due = self._now() if box.inbox else None
        fresh = [self._waiting(turn, n, after.address, each) for n, each in enumerate(effects)]
        for each in fresh:
            self._keep(box, each)
        self._rung.set()
        return self._claimed(box, fresh) if claim else []

    async def undone(self, turn: Turn) -> Turn:
        """The turn with the one before it taken back; as it is where that cannot be any more."""
        undo = self.boxes[turn.conversation.id].undo
        if not undo or undo[2] <= self._now():
            return turn
        return structs.replace(turn, conversation=undo[0], again=undo[1])

    async def release(self, turn: Turn, delay: float) -> None:
        """Give a turn back untouched, to be taken again after `delay` seconds."""
        box = self.boxes[turn.conversation.id]
        if box.open and box.fence == turn.fence:
            box.open, box.due = False, self._now() + timedelta(seconds=delay)
        self._rung.set()

    async def next_outgoing(self) -> Outgoing | None:
        """The next effect due. Bubbles of one conversation come one by one, in order."""
        due = [
            (each.due, box, each)
            for box in self.boxes.values()
            for each in (*box.lane[:1], *box.jobs)
            if each.due <= self._now()
        ]
        if not due:
            return None
        _, box, first = min(due, key=lambda found: found[0])
        return self._outgoing(box, first)

    async def done(self, outgoing: Outgoing, message_id: str = "") -> list[Outgoing]:
        """An effect was carried out; what may follow it is leased to the caller."""
        if message_id:
            self.sent[outgoing.to.channel, message_id] = outgoing.id
        box = self.boxes[outgoing.conversation]
        shown = asked(outgoing.effect, message_id)
        if shown and shown.step != box.asked.step:
            box.asked = shown
        if not self._drop(box, outgoing) or not isinstance(outgoing.effect, Say):
            return []
        return [self._outgoing(box, each) for each in box.lane[:1]]

    async def again(self, outgoing: Outgoing, delay: float) -> None:
        """Try an effect again after `delay` seconds; the conversation's order stays."""
        for each in self._mine(outgoing):
            each.due, each.leased = self._now() + timedelta(seconds=delay), False
        self._rung.set()

    async def give_up(self, outgoing: Outgoing, code: str) -> None:
        """Move an effect to the dead letters, so that the next one may go."""
        if self._mine(outgoing):
            self._drop(self.boxes[outgoing.conversation], outgoing)
            self.dead_letters.append((outgoing, code))
        self._rung.set()

    async def receipt(self, channel: str, message_id: str, how_far: Delivery, code: str) -> None:
        """How far a sent reply got, by the provider's id of it."""
        if (channel, message_id) in self.sent:
            self.receipts.append((self.sent[channel, message_id], how_far, code))

    async def wait(self, seconds: float) -> None:
        """Sleep until something may be ready, at most `seconds`."""
        self._rung.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return

    async def peek(self, conversation: str) -> Conversation | None:
        """The state of a conversation as last committed."""
        box = self.boxes.get(conversation)
        return box.state if box else None

    def _ready(self, box: Box) -> bool:
        return bool(box.inbox) and box.due is not None and box.due <= self._now()

    async def _turn(self, box: Box) -> Turn:
        box.fence, box.open, box.due = box.fence + 1, True, self._now() + self._lease
        fence, updates = box.fence, in_order(box.inbox[: self._most])
        state = box.state or await self._restore(box.id)
        fresh = state or Conversation(box.id, updates[0].sender, self._new_seed())
        return Turn(fresh, updates, fence, asked=box.asked)

    def _waiting(self, turn: Turn, n: int, to: Address, effect: Effect) -> Waiting:
        due = effect.at if isinstance(effect, Wake) else self._now()
        return Waiting(f"{turn.conversation.id}.{turn.fence}.{n}", to, effect, due)

    def _keep(self, box: Box, fresh: Waiting) -> None:
        if not isinstance(fresh.effect, Say):
            box.jobs.append(fresh)
            return
        # What the first bubble waits for, the whole lane waits for.
        fresh.due = max(fresh.due, box.lane[0].due) if box.lane else fresh.due
        box.lane = [each for each in box.lane if not self._replaced(each, fresh.effect)]
        box.lane.append(fresh)

    def _replaced(self, old: Waiting, new: Say) -> bool:
        if not isinstance(old.effect, Say) or (old.leased and old.due > self._now()):
            return False
        same = old.effect.replaces == new.replaces != ""
        return same or (new.silences and old.effect.reply)

    def _claimed(self, box: Box, fresh: Iterable[Waiting]) -> list[Outgoing]:
        jobs = [each for each in fresh if each in box.jobs]
        ready = [each for each in (*box.lane[:1], *jobs) if each.due <= self._now()]
        return [self._outgoing(box, each) for each in ready]

    def _outgoing(self, box: Box, each: Waiting) -> Outgoing:
        each.leased, each.due = True, self._now() + self._lease
        each.attempts += 1
        return Outgoing(each.id, box.id, each.to, each.effect, each.attempts - 1)

    def _mine(self, outgoing: Outgoing) -> list[Waiting]:
        box = self.boxes[outgoing.conversation]
        held = (*box.lane, *box.jobs)
        return [w for w in held if w.id == outgoing.id and w.attempts == outgoing.attempt + 1]

    def _drop(self, box: Box, outgoing: Outgoing) -> bool:
        before = len(box.lane) + len(box.jobs)
        box.lane = [each for each in box.lane if each.id != outgoing.id]
        box.jobs = [each for each in box.jobs if each.id != outgoing.id]
        return len(box.lane) + len(box.jobs) < before
