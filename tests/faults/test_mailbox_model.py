"""Random webhooks, workers, crashes and results against a model of the mailbox.

2,000 examples in CI; `make faults` asks for 50,000 by SAATHI_EXAMPLES.
"""

import asyncio
import os
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from flows.conversation import Conversation
from flows.effects import Effect, Line, Say, SubmitCase
from flows.messages import Address, Due, Message, Update
from storage.keyring import Keyring
from storage.mailbox import Mailbox, Outgoing, Turn
from storage.memory_mailbox import MemoryMailbox
from storage.redis_client import connect
from storage.redis_mailbox import RedisMailbox

EXAMPLES = int(os.environ.get("SAATHI_EXAMPLES", "2000"))
INDEX, MASTER = b"i" * 32, b"m" * 32
TURN, LEASE = 8, 30
CHATS, WORKERS = st.integers(0, 1), st.integers(0, 2)
FATES = st.sampled_from(("ends", "ends", "ends", "slow", "dies"))
ENDS = st.sampled_from(("done", "done", "done", "lost answer", "again", "give up"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]


class Model(RuleBasedStateMachine):
    """Two chats, three workers that may die at any moment, a provider that repeats itself."""

    url: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.time = datetime(2026, 3, 5, 9, tzinfo=UTC)
        self.chats = [Address("test", f"{n}") for n in range(2)]
        self.box = self.opened()
        self.posted: list[Update] = []
        self.turns: dict[int, tuple[Turn, datetime]] = {}
        self.out: dict[int, tuple[Outgoing, datetime]] = {}
        self.heard: dict[str, list[str]] = {}
        # What was committed, in order; performed at least once; over (done or given up).
        self.committed: dict[str, list[str]] = {}
        self.performed: list[str] = []
        self.over: list[str] = []
        self.attempts: dict[str, int] = {}
        self.fences: dict[str, int] = {}
        self.closed: set[str] = set()

    def opened(self) -> Mailbox:
        async def nobody(_: str) -> Conversation | None:
            return None

        parts: Any = (INDEX, nobody, lambda: self.time, lambda: "seed")
        if not self.url:
            return MemoryMailbox(*parts, lease_seconds=LEASE)
        self.redis = connect(self.url)
        index, *rest = parts
        keyring = Keyring(self.redis, MASTER, shards=2)
        return RedisMailbox(
            self.redis, keyring, index, *rest, lease_seconds=LEASE, turn_seconds=TURN
        )

    def do(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    @rule(chat=CHATS, claim=st.booleans(), who=WORKERS, kind=st.sampled_from(("words", "result")))
    def post(self, chat: int, claim: bool, who: int, kind: str) -> None:
        """Something new comes, from the provider or from a job."""
        name, sender = f"u{len(self.posted)}", self.chats[chat]
        update = Message(name, sender, name) if kind == "words" else Due(name, sender, "result")
        self.posted.append(update)
        self.put(update, claim, who)

    @precondition(lambda self: self.posted)
    @rule(data=st.data(), claim=st.booleans(), who=WORKERS)
    def post_again(self, data: st.DataObject, claim: bool, who: int) -> None:
        """The provider repeats itself, at once or much later."""
        self.put(data.draw(st.sampled_from(self.posted)), claim, who)

    def put(self, update: Update, claim: bool, who: int) -> None:
        for turn in self.do(self.box.put([update], claim=claim)):
            self.took(who, turn)

    @rule(who=WORKERS, fate=FATES, job=st.booleans())
    def take(self, who: int, fate: str, job: bool) -> None:
        """A worker takes a turn and ends it, or is slow, or dies."""
        turn = self.do(self.box.take())
        if not turn:
            return
        self.took(who, turn)
        if fate == "ends":
            self.end_turn(who, claim=job, job=job)
        elif fate == "dies":
            del self.turns[who]

    def took(self, who: int, turn: Turn) -> None:
        assert turn.conversation.address in self.chats
        name = turn.conversation.id
        for other, since in self.turns.values():
            # Nobody else has it, unless that one's time is over.
            assert other.conversation.id != name or self.time >= since + timedelta(seconds=TURN)
        assert turn.fence > self.fences.get(name, 0)
        assert turn.updates
        assert list(turn.conversation.detail.get("heard", [])) == self.heard.get(name, [])
        self.fences[name] = turn.fence
        self.closed.discard(name)
        self.turns[who] = turn, self.time

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), claim=st.booleans(), job=st.booleans())
    def commit(self, data: st.DataObject, claim: bool, job: bool) -> None:
        """A slow worker comes to an end, in time or long after another took over."""
        self.end_turn(data.draw(st.sampled_from(sorted(self.turns))), claim, job)

    def end_turn(self, who: int, claim: bool, job: bool) -> None:
        turn, _ = self.turns.pop(who)
        name = turn.conversation.id
        heard = [*turn.conversation.detail.get("heard", []), *(each.id for each in turn.updates)]
        after = replace(turn.conversation, detail={"heard": heard})
        effects: list[Effect] = [Say((Line(each.id),)) for each in turn.updates]
        effects += [SubmitCase(turn.updates[0].id)] if job else []
        out = self.do(self.box.commit(turn, after, effects, claim=claim))
        mine = turn.fence == self.fences[name] and name not in self.closed
        assert (out is not None) == mine
        if out is None:
            return
        self.closed.add(name)  # whoever still holds it is too late
        self.heard[name] = heard
        ids = [f"{name}.{turn.fence}.{n}" for n in range(len(effects))]
        self.committed.setdefault(name, []).extend(ids[: len(turn.updates)])
        self.committed.setdefault("jobs", []).extend(ids[len(turn.updates) :])
        for outgoing in out:  # all but the last are lost again at once
            self.leased(who, outgoing)

    @precondition(lambda self: self.turns)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.turns)))
        turn, _ = self.turns.pop(who)
        if turn.fence == self.fences[turn.conversation.id]:
            self.closed.add(turn.conversation.id)
        self.do(self.box.release(turn, 1))

    @rule(who=WORKERS, fate=FATES, end=ENDS)
    def next(self, who: int, fate: str, end: str) -> None:
        """A deliverer takes an effect and carries it out, or is slow, or dies."""
        outgoing = self.do(self.box.next_outgoing())
        if not outgoing:
            return
        self.leased(who, outgoing)
        if fate == "ends":
            self.end_effect(who, end)
        elif fate == "dies":
            del self.out[who]

    def leased(self, who: int, outgoing: Outgoing) -> None:
        for other, since in self.out.values():
            assert other.id != outgoing.id or self.time >= since + timedelta(seconds=LEASE)
        assert outgoing.id not in self.over
        if isinstance(outgoing.effect, Say):
            # Everything before it in this chat is over.
            lane = self.committed[outgoing.conversation]
            before = lane[: lane.index(outgoing.id)]
            assert [each for each in before if each not in self.over] == []
        assert outgoing.attempt == self.attempts.get(outgoing.id, -1) + 1
        self.attempts[outgoing.id] = outgoing.attempt
        self.out[who] = outgoing, self.time

    @precondition(lambda self: self.out)
    @rule(data=st.data(), end=ENDS)
    def deliver(self, data: st.DataObject, end: str) -> None:
        """A slow deliverer comes to an end."""
        self.end_effect(data.draw(st.sampled_from(sorted(self.out))), end)

    def end_effect(self, who: int, end: str) -> None:
        outgoing, _ = self.out.pop(who)
        if end != "again":
            self.performed.append(outgoing.id)
        if end in ("done", "lost answer"):
            following = self.do(self.box.done(outgoing, f"m{len(self.performed)}"))
            self.ended(outgoing)
            if end == "lost answer":  # the answer did not arrive: the call is made again
                assert self.do(self.box.done(outgoing, f"m{len(self.performed)}")) == []
            for each in following:
                self.leased(who, each)
        elif end == "again":
            self.do(self.box.again(outgoing, 2))
        elif self.is_latest(outgoing):
            self.do(self.box.give_up(outgoing, "permanent"))
            self.ended(outgoing)

    def is_latest(self, outgoing: Outgoing) -> bool:
        """Nobody has taken it up since."""
        return outgoing.attempt == self.attempts[outgoing.id] and outgoing.id not in self.over

    def ended(self, outgoing: Outgoing) -> None:
        if outgoing.id not in self.over:
            self.over.append(outgoing.id)

    @rule(seconds=st.sampled_from((0.5, 2, 5, 9, 31, 90)))
    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    @invariant()
    def heard_once_and_in_order(self) -> None:
        for heard in self.heard.values():
            arrived = [int(each[1:]) for each in heard]
            assert arrived == sorted(set(arrived))

    def teardown(self) -> None:
        """Everybody comes back and works all off: nothing is left, nothing was lost."""
        try:
            self.turns.clear()
            self.out.clear()
            self.drain()
            heard = sorted(int(each[1:]) for chat in self.heard.values() for each in chat)
            assert heard == list(range(len(self.posted)))
            everything = [each for some in self.committed.values() for each in some]
            assert sorted(self.over) == sorted(everything)
            assert self.over == list(dict.fromkeys(self.over))
        finally:
            self.close()

    def drain(self) -> None:
        for _ in range(400):
            self.time += timedelta(seconds=100)
            if turn := self.do(self.box.take()):
                self.took(0, turn)
                self.work_off(turn)
            elif outgoing := self.do(self.box.next_outgoing()):
                self.leased(0, outgoing)
                self.end_effect(0, "done")
                self.out.clear()
            else:
                return
        raise AssertionError("it does not come to rest")

    def work_off(self, turn: Turn) -> None:
        self.turns.clear()
        heard = [*turn.conversation.detail.get("heard", []), *(each.id for each in turn.updates)]
        after = replace(turn.conversation, detail={"heard": heard})
        assert self.do(self.box.commit(turn, after, [])) is not None
        self.heard[turn.conversation.id] = heard

    def close(self) -> None:
        if isinstance(self.box, RedisMailbox):
            self.do(self.box.aclose())
            self.do(self.redis.flushall())
            self.do(self.redis.aclose())
        self.loop.close()


@pytest.mark.parametrize("where", ["memory", "redis"])
def test_the_mailbox_keeps_its_promises(where: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("valkey_url") if where == "redis" else ""
    machine = type("Machine", (Model,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
