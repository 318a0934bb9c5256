"""The promises of the mailbox, kept in memory as in Redis."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from flows.conversation import Conversation
from flows.effects import CallAgent, Effect, Line, Say, SubmitCase, Wake
from flows.messages import Address, CaseNews, Delivery, DocumentKept, Due, Message, Update
from storage.keyring import Keyring
from storage.mailbox import UNDO_SECONDS, Asked, Mailbox, Outgoing, Turn, step_mark
from storage.memory_mailbox import MemoryMailbox
from storage.redis_client import connect
from storage.redis_mailbox import RedisMailbox, conversation_id

INDEX, MASTER = b"i" * 32, b"m" * 32
LEASE = 30
ASHA = Address("whatsapp", "in.asha", "+919800000001")  # fictional
RAVI = Address("telegram", "4711", "4711")  # fictional


@dataclass
class World:
    """A mailbox as seen by two processes, a clock that a test moves, a record."""

    stack: AsyncExitStack
    url: str = ""
    shards: int = 1
    time: datetime = datetime(2026, 3, 5, 9, tzinfo=UTC)
    record: dict[str, Conversation] = field(default_factory=dict)
    record_down: bool = False
    box: Mailbox = field(init=False)
    other: Mailbox = field(init=False)

    def __post_init__(self) -> None:
        self.box = self.process()
        self.other = self.process() if self.url else self.box

    def process(self, **more: Any) -> Mailbox:
        if not self.url:
            return MemoryMailbox(
                INDEX, self.restore, lambda: self.time, lambda: "seed", lease_seconds=LEASE
            )
        redis = connect(self.url)
        self.stack.push_async_callback(redis.aclose)
        mailbox = RedisMailbox(
            redis,
            Keyring(redis, MASTER, shards=self.shards),
            INDEX,
            self.restore,
            lambda: self.time,
            lambda: "seed",
            **{"lease_seconds": LEASE, "turn_seconds": LEASE, "per_minute": 5000, **more},
        )
        self.stack.push_async_callback(mailbox.aclose)
        return mailbox

    async def restore(self, name: str) -> Conversation | None:
        if self.record_down:
            raise OSError("the record is away")
        return self.record.get(name)

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    async def turn(self, *updates: Update) -> Turn:
        """A turn over these updates, taken."""
        await self.box.put(updates)
        return await self.taken()

    async def taken(self) -> Turn:
        turn = await self.box.take()
        assert turn
        return turn

    async def say(self, *effects: Effect, sender: Address = ASHA) -> list[Outgoing]:
        """A whole turn that ends with these effects; what may go out at once."""
        turn = await self.turn(hello(sender=sender))
        out = await self.box.commit(turn, turn.conversation, effects, claim=True)
        assert out is not None
        return out

    async def next(self) -> Outgoing:
        outgoing = await self.box.next_outgoing()
        assert outgoing
        return outgoing


URLS = {"memory": "", "redis": "valkey_url", "shards": "valkey_url", "cluster": "cluster_url"}


# `make check` tells shards of one Redis; a Cluster of three takes its time.
KINDS = [pytest.param(kind, marks=pytest.mark.slow if kind == "cluster" else ()) for kind in URLS]


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        url = request.getfixturevalue(URLS[request.param]) if URLS[request.param] else ""
        yield World(stack, url, 1 if request.param == "redis" else 3)


ids = itertools.count(1)


def hello(text: str = "hello", sender: Address = ASHA, order: int = 0, id: str = "") -> Message:
    return Message(id or f"SM{next(ids)}", sender, text, order=order)


def say(key: str, replaces: str = "") -> Say:
    return Say((Line(key),), replaces=replaces)


def texts(updates: Sequence[Update]) -> list[str]:
    return [each.text for each in updates if isinstance(each, Message)]


def keys(outgoing: Sequence[Outgoing]) -> list[str]:
    return [o.effect.lines[0].key if isinstance(o.effect, Say) else "job" for o in outgoing]


# In


async def test_a_new_conversation_starts_with_its_first_update(world: World) -> None:
    message = hello("नमस्ते 🙏 <b>{}</b>\x00")
    turn = await world.turn(message)
    name = conversation_id(INDEX, ASHA)
    assert turn.conversation == Conversation(name, ASHA, "seed")
    assert turn.updates == (message,)


async def test_the_same_update_counts_once(world: World) -> None:
    message = hello()
    await asyncio.gather(*(box.put([message, message]) for box in (world.box, world.other) * 5))
    turn = await world.taken()
    assert turn.updates == (message,)
    await world.box.commit(turn, turn.conversation, [])
    world.later(24 * 3600)
    assert await world.other.put([message], claim=True) == []
    assert await world.box.take() is None


async def test_the_same_id_of_another_person_or_channel_is_another_update(world: World) -> None:
    await world.box.put([hello(id="1"), hello(id="1", sender=RAVI)])
    await world.box.put([hello(id="1", sender=Address("telegram", ASHA.id))])
    assert [len((await world.taken()).updates) for _ in range(3)] == [1, 1, 1]


async def test_an_overtaken_update_still_counts(world: World) -> None:
    turn = await world.turn(hello("second", order=8, id="8"))
    await world.box.commit(turn, turn.conversation, [])
    assert texts((await world.turn(hello("first", order=7, id="7"))).updates) == ["first"]


async def test_updates_wait_in_order_of_arrival(world: World) -> None:
    for n in range(20):
        await world.box.put([hello(str(n))])
    assert texts((await world.taken()).updates) == [str(n) for n in range(20)]


async def test_what_waits_together_is_put_in_the_providers_order(world: World) -> None:
    news = CaseNews("n", ASHA, "c", "status")
    nine, seven, eight = (hello(str(n), order=n) for n in (9, 7, 8))
    unknown = hello("unknown")
    turn = await world.turn(nine, news, seven, unknown, eight)
    assert turn.updates == (seven, news, eight, unknown, nine)


async def test_two_takers_never_get_the_same_conversation(world: World) -> None:
    people = [Address("telegram", str(n)) for n in range(20)]
    await world.box.put([hello(sender=each) for each in people])
    turns = await asyncio.gather(*(b.take() for b in (world.box, world.other) * 15))
    taken = [turn.conversation.address for turn in turns if turn]
    assert sorted(a.id for a in taken) == sorted(a.id for a in people)


async def test_the_longest_waiting_is_taken_first(world: World) -> None:
    if world.shards > 1:
        pytest.skip("each shard has an order of its own")
    await world.box.put([hello("first")])
    world.later(1)
    await world.box.put([hello("second", RAVI)])
    assert texts((await world.taken()).updates) == ["first"]


async def test_state_comes_back_as_committed(world: World) -> None:
    turn = await world.turn(hello())
    after = structs.replace(
        turn.conversation,
        profile_name="आशा",
        detail={"a": [1, "ख", None]},
        last_heard=world.time,
        address=structs.replace(ASHA, reply_to="+919800000002"),
    )
    await world.box.commit(turn, after, [])
    assert (await world.turn(hello())).conversation == after


async def test_updates_that_come_during_a_turn_wait_for_the_next(world: World) -> None:
    turn = await world.turn(hello("one"))
    assert await world.other.put([hello("two")], claim=True) == []
    assert await world.other.take() is None
    await world.box.commit(turn, turn.conversation, [])
    second = await world.taken()
    assert texts(second.updates) == ["two"]
    await world.box.commit(second, second.conversation, [])
    assert await world.box.take() is None


async def test_a_crash_between_take_and_commit_loses_nothing(world: World) -> None:
    lost = await world.turn(hello("one"))
    await world.other.put([hello("two")])
    world.later(LEASE - 1)
    assert await world.other.take() is None
    world.later(2)
    turn = await world.other.take()
    assert turn
    assert texts(turn.updates) == ["one", "two"]
    assert turn.fence > lost.fence


async def test_an_overtaken_turn_changes_nothing(world: World) -> None:
    slow = await world.turn(hello("one"))
    world.later(LEASE + 1)
    quick = await world.taken()
    changed = structs.replace(slow.conversation, language="hi")
    assert await world.box.commit(slow, changed, [say("a")]) is None
    await world.box.release(slow, 0)
    assert await world.box.commit(quick, quick.conversation, [say("b")]) == []
    assert await world.box.commit(slow, changed, [say("c")], claim=True) is None
    assert keys([await world.next()]) == ["b"]
    turn = await world.turn(hello("two"))
    assert turn.conversation.language == ""
    assert texts(turn.updates) == ["two"]


async def test_a_late_turn_that_nobody_overtook_counts(world: World) -> None:
    turn = await world.turn(hello())
    world.later(LEASE + 1)
    assert await world.box.commit(turn, turn.conversation, []) == []


async def test_a_released_turn_comes_back_whole_after_its_delay(world: World) -> None:
    turn = await world.turn(hello("one"))
    await world.box.release(turn, 10)
    assert await world.box.put([hello("two")], claim=True) == []
    world.later(9)
    assert await world.box.take() is None
    world.later(2)
    assert texts((await world.taken()).updates) == ["one", "two"]
    assert await world.box.commit(turn, turn.conversation, [say("late")]) is None


async def test_a_claimed_put_starts_the_turn_at_once(world: World) -> None:
    await world.box.put([hello("one")])
    turns = await world.box.put([hello("two"), hello("hi", RAVI)], claim=True)
    assert [texts(turn.updates) for turn in turns] == [["one", "two"], ["hi"]]
    assert await world.other.take() is None
    for turn in turns:
        assert await world.box.commit(turn, turn.conversation, [say("a")], claim=True)


async def test_one_chat_in_a_burst_does_not_delay_another(world: World) -> None:
    await world.box.put([hello(str(n)) for n in range(1000)])
    world.later(0.001)
    await world.box.put([hello("me too", RAVI)])
    seen, done = 0, list[str]()
    while turn := await world.box.take():
        world.later(0.001)
        done.append(turn.conversation.address.id)
        seen += len(turn.updates)
        assert len(turn.updates) <= 100
        await world.box.commit(turn, turn.conversation, [])
    assert seen == 1001
    assert done.index(RAVI.id) <= 1


async def test_a_missing_state_is_asked_back_from_the_record(world: World) -> None:
    name = conversation_id(INDEX, ASHA)
    world.record[name] = Conversation(name, ASHA, "old seed", language="mr")
    assert (await world.turn(hello())).conversation == world.record[name]


# Out


async def test_nothing_goes_out_before_the_commit(world: World) -> None:
    turn = await world.turn(hello())
    assert await world.box.next_outgoing() is None
    await world.box.commit(turn, turn.conversation, [say("a")])
    outgoing = await world.next()
    assert outgoing == Outgoing(
        f"{turn.conversation.id}.{turn.fence}.0", turn.conversation.id, ASHA, say("a")
    )


async def test_a_claimed_commit_leases_the_first_bubble_and_all_jobs(world: World) -> None:
    out = await world.say(SubmitCase("c"), say("a"), say("b"), CallAgent("asked"))
    assert [each.effect for each in out] == [say("a"), SubmitCase("c"), CallAgent("asked")]
    assert len({each.id for each in out}) == 3
    assert await world.other.next_outgoing() is None


async def test_bubbles_go_one_by_one_in_order(world: World) -> None:
    [first] = await world.say(say("a"), say("b"))
    assert await world.say(say("c")) == []
    assert await world.other.next_outgoing() is None
    second = await world.box.done(first, "m1")
    third = await world.box.done(second[0], "m2")
    assert keys([first, *second, *third]) == ["a", "b", "c"]
    assert await world.box.done(third[0], "m3") == []
    assert await world.box.next_outgoing() is None


async def test_conversations_do_not_wait_for_each_other(world: World) -> None:
    await world.say(say("a"), say("b"))
    assert keys(await world.say(say("other"), sender=RAVI)) == ["other"]


async def test_a_crash_between_commit_and_done_repeats_the_effect(world: World) -> None:
    first, job = await world.say(say("a"), SubmitCase("c"))
    world.later(LEASE + 1)
    repeated = {o.id: o for o in [await world.next(), await world.next()]}
    assert repeated[first.id] == structs.replace(first, attempt=1)
    assert repeated[job.id] == structs.replace(job, attempt=1)
    assert await world.box.next_outgoing() is None


async def test_unclaimed_effects_survive_a_crash_right_after_the_commit(world: World) -> None:
    turn = await world.turn(hello())
    await world.box.commit(turn, turn.conversation, [say("a"), SubmitCase("c")])
    found = [await world.next(), await world.next()]
    assert sorted(keys(found)) == ["a", "job"]
    assert [each.attempt for each in found] == [0, 0]


async def test_done_twice_is_done_once(world: World) -> None:
    [first] = await world.say(say("a"), say("b"), say("c"))
    world.later(LEASE + 1)
    again = await world.next()
    assert keys(await world.box.done(first)) == ["b"]
    assert await world.box.done(again) == []
    assert await world.box.next_outgoing() is None


async def test_again_keeps_the_order(world: World) -> None:
    [first] = await world.say(say("a"), say("b"))
    await world.box.again(first, 10)
    assert await world.say(say("c")) == []
    world.later(9)
    assert await world.box.next_outgoing() is None
    world.later(2)
    retried = await world.next()
    assert retried == structs.replace(first, attempt=1)
    assert keys(await world.box.done(retried)) == ["b"]


async def test_a_job_that_waits_holds_nobody_up(world: World) -> None:
    job, other = await world.say(SubmitCase("c"), CallAgent("asked"))
    await world.box.again(job, 10)
    assert await world.box.done(other) == []
    assert keys(await world.say(say("a"))) == ["a"]
    world.later(11)
    assert await world.next() == structs.replace(job, attempt=1)


async def test_again_and_give_up_of_a_stale_attempt_do_nothing(world: World) -> None:
    [stale] = await world.say(say("a"), say("b"))
    world.later(LEASE + 1)
    current = await world.next()
    await world.box.again(stale, 0)
    await world.box.give_up(stale, "x")
    assert await world.box.next_outgoing() is None
    assert keys(await world.box.done(current)) == ["b"]


async def test_a_given_up_bubble_lets_the_next_one_go(world: World) -> None:
    first, job = await world.say(say("a"), say("b"), SubmitCase("c"))
    await world.box.give_up(first, "63016")
    await world.box.give_up(job, "410")
    assert keys([await world.next()]) == ["b"]
    assert await world.box.next_outgoing() is None
    world.later(LEASE + 1)
    assert keys([await world.next()]) == ["b"]


async def test_a_later_bubble_replaces_an_unsent_one(world: World) -> None:
    [first] = await world.say(say("a", "card"), say("old", "card"), say("b"), say("x", "other"))
    assert await world.say(say("new", "card")) == []
    rest = []
    while following := await world.box.done(first):
        rest += following
        first = following[0]
    assert keys(rest) == ["b", "x", "new"]


async def test_a_bubble_on_its_way_is_not_replaced(world: World) -> None:
    [first] = await world.say(say("a", "card"))
    assert await world.say(say("new", "card")) == []
    assert keys(await world.box.done(first)) == ["new"]


async def test_a_bubble_that_waits_to_be_tried_again_is_replaced(world: World) -> None:
    [first] = await world.say(say("a", "card"))
    await world.box.again(first, 10)
    assert await world.say(say("new", "card")) == []
    world.later(11)
    assert keys([await world.next()]) == ["new"]
    assert await world.box.next_outgoing() is None


def reply(key: str, **more: Any) -> Say:
    return structs.replace(say(key), reply=True, **more)


async def test_replies_that_wait_are_dropped_when_somebody_takes_the_chat(world: World) -> None:
    news, card = say("news"), reply("card", replaces="card")
    [first] = await world.say(reply("a"), reply("b"), news, card)
    joined = structs.replace(say("joined"), silences=True)
    await world.say(joined)
    rest = []
    while following := await world.box.done(first):
        rest += following
        first = following[0]
    assert keys(rest) == ["news", "joined"]


async def test_a_reply_that_waits_to_be_tried_again_is_dropped_too(world: World) -> None:
    [first] = await world.say(reply("a"))
    await world.box.again(first, 10)
    await world.say(structs.replace(say("joined"), silences=True))
    world.later(11)
    assert keys([await world.next()]) == ["joined"]
    assert await world.box.next_outgoing() is None


async def test_a_wake_comes_when_it_is_time(world: World) -> None:
    wake = Wake("remind", world.time + timedelta(days=2), "ref")
    assert await world.say(wake) == []
    world.later(2 * 86400 - 1)
    assert await world.box.next_outgoing() is None
    world.later(2)
    assert (await world.next()).effect == wake


async def test_receipts_before_anything_was_sent_are_no_error(world: World) -> None:
    await world.box.receipt("whatsapp", "unknown", Delivery.READ, "")


# Waiting


async def test_wait_ends_by_itself(world: World) -> None:
    start = time.monotonic()
    await world.box.wait(0.1)
    assert 0.08 < time.monotonic() - start < 1


async def put_soon(box: Mailbox) -> None:
    await asyncio.sleep(0.1)
    await box.put([Due(f"due{next(ids)}", ASHA, "remind")])


async def test_wait_is_woken_by_an_update(world: World) -> None:
    for box in (world.box, world.other):
        start = time.monotonic()
        await asyncio.gather(world.box.wait(5), put_soon(box))
        assert time.monotonic() - start < 2
        turn = await world.taken()
        await world.box.commit(turn, turn.conversation, [])


async def test_wait_is_woken_by_a_commit(world: World) -> None:
    turn = await world.turn(hello())
    waiting = asyncio.create_task(world.box.wait(5))
    await asyncio.sleep(0.1)
    start = time.monotonic()
    await world.other.commit(turn, turn.conversation, [say("a")])
    await waiting
    assert time.monotonic() - start < 1


# What the person could see


async def asked_by(world: World, *shown: tuple[str, str]) -> Asked:
    """Bubbles with these steps are sent under these ids; what the next turn knows of it."""
    for step, message_id in shown:
        [bubble] = await world.say(Say((Line("hello"),), step=step))
        await world.box.done(bubble, message_id)
    return (await world.turn(hello())).asked


async def test_a_turn_knows_which_question_was_shown(world: World) -> None:
    found = await asked_by(world, ("sex", "12"), ("place", "15"))
    assert found == Asked(step_mark("place"), 15)


async def test_of_a_question_asked_twice_the_first_bubble_counts(world: World) -> None:
    found = await asked_by(world, ("sex", "12"), ("sex", "15"))
    assert found == Asked(step_mark("sex"), 12)


async def test_news_and_providers_without_numbers_show_no_question(world: World) -> None:
    found = await asked_by(world, ("sex", "12"), ("", "15"), ("place", "SM1"))
    assert found == Asked(step_mark("sex"), 12)


def test_only_the_question_that_was_shown_has_a_number() -> None:
    shown = Asked(step_mark("sex"), 12)
    assert (shown.number_of("sex"), shown.number_of("place")) == (12, 0)


# What overtook


async def taken_back(world: World, *effects: Effect, wait: float = 0) -> Turn:
    """The second message comes first and is answered; then the first one comes."""
    await world.say()
    second = await world.turn(hello("second", order=8))
    after = structs.replace(second.conversation, step="further")
    assert await world.box.commit(second, after, effects) is not None
    first = await world.turn(hello("first", order=7))
    world.later(wait)
    return await world.other.undone(first)


async def test_a_turn_is_taken_back_with_all_that_it_took(world: World) -> None:
    turn = await taken_back(world, say("a"), say("b"))
    assert turn.conversation.step == "language"
    assert (texts(turn.again), texts(turn.updates)) == (["second"], ["first"])
    assert await world.box.commit(turn, turn.conversation, [say("c")]) is not None
    assert await world.box.take() is None


async def test_a_turn_is_taken_back_only_once(world: World) -> None:
    turn = await taken_back(world, say("a"))
    assert await world.box.commit(turn, turn.conversation, []) is not None
    third = await world.turn(hello("zeroth", order=6))
    assert await world.box.undone(third) == third


async def test_what_led_to_more_than_words_is_not_taken_back(world: World) -> None:
    turn = await taken_back(world, say("a"), SubmitCase("c"))
    assert (turn.conversation.step, turn.again) == ("further", ())


async def test_what_is_long_over_is_not_taken_back(world: World) -> None:
    turn = await taken_back(world, say("a"), wait=UNDO_SECONDS + 1)
    assert (turn.conversation.step, turn.again) == ("further", ())


async def test_a_turn_of_others_is_not_taken_back(world: World) -> None:
    await world.say()
    second = await world.turn(hello("second", order=8), DocumentKept("D1", ASHA, "c", "s", "u"))
    await world.box.commit(second, second.conversation, [])
    first = await world.turn(hello("first", order=7))
    assert await world.box.undone(first) == first
