"""What only the mailbox in Redis promises: secrecy, the record's side, and its failures."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec import structs
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisSlow

from flows.effects import Line, Say, SubmitCase
from flows.messages import AgentWrote, Delivery, DocumentKept, Due, Message
from storage import mailbox_wire as wire
from storage import pulse
from storage.cipher import SealedWrong
from storage.keyring import KeyErased, Keyring
from storage.mailbox import Turn
from storage.redis_client import connect, dialer, is_cluster, patient
from storage.redis_line import Line as Wire
from storage.redis_mailbox import RedisMailbox, conversation_id
from tests.storage.test_mailbox import (
    ASHA,
    INDEX,
    KINDS,
    LEASE,
    MASTER,
    RAVI,
    URLS,
    World,
    hello,
    keys,
    say,
    texts,
)

NAME = conversation_id(INDEX, ASHA)


@pytest.fixture(params=KINDS[1:])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        url = request.getfixturevalue(URLS[request.param])
        yield World(stack, url, 1 if request.param == "redis" else 3)


@pytest.fixture
def box(world: World) -> RedisMailbox:
    assert isinstance(world.box, RedisMailbox)
    return world.box


@pytest.fixture
async def redis(valkey_url: str, world: World) -> AsyncIterator[Redis]:
    client = connect(world.url)
    yield client
    await client.aclose()


async def everything(redis: Any) -> list[bytes]:
    """All keys and values of a Redis, as stored."""
    reads: dict[bytes, Any] = {
        b"string": lambda key: redis.get(key),
        b"hash": lambda key: redis.hgetall(key),
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": lambda key: redis.smembers(key),
        b"zset": lambda key: redis.zrange(key, 0, -1),
    }
    found: list[bytes] = []
    async for key in redis.scan_iter():
        value = await reads[await redis.type(key)](key)
        found += [key, repr(value).encode() if isinstance(value, dict) else value]
    return [part for each in found for part in (each if isinstance(each, list | set) else [each])]


async def test_nothing_private_is_readable_in_redis(world: World, redis: Redis) -> None:
    private = "Asha Fictional", "+919800000001", "in.asha", "Kokilaben"
    message = Message("SM0", ASHA, "my name is Asha Fictional", phone=private[1])
    turn = await world.turn(message)
    after = structs.replace(turn.conversation, profile_name=private[0], phone=private[1])
    words = Say((Line("x", {"name": private[0], "where": "Kokilaben"}),))
    out = await world.box.commit(turn, after, [words, words, SubmitCase("c")], claim=True)
    assert out
    [second] = await world.box.done(out[0], "m1")
    await world.box.give_up(second, "400")
    await world.box.put([message, structs.replace(message, id="SM1")])
    stored = await everything(redis)
    assert len(stored) > 15
    assert any(NAME.encode() in each for each in stored)
    assert [p for p in private for each in stored if p.encode() in each] == []


async def test_the_log_has_what_was_heard_and_said(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    wrote = AgentWrote("a1", ASHA, "meera", "नमस्ते")
    kept = DocumentKept("d1", ASHA, "c", "slot", "u")
    turn = await world.turn(hello("hi", id="SM0"), kept, wrote)
    out = await box.commit(turn, turn.conversation, [say("a"), SubmitCase("c")], claim=True)
    assert out
    world.later(1)
    await box.done(out[0], "m1")
    await box.done(out[1])
    heard, agent, said = await box.log(10)
    key = await Keyring(redis, MASTER, shards=world.shards).key(wire.subject(NAME))
    assert wire.open_logged(key, heard) == hello("hi", id="SM0")
    assert wire.open_logged(key, agent) == wrote
    assert wire.open_logged(key, said) == say("a")
    assert (heard.kind, heard.what, heard.id) == ("in", "message", "SM0")
    assert (said.kind, said.what, said.id) == ("out", "say", out[0].id)
    assert (said.message_id, said.delivery) == ("m1", Delivery.ACCEPTED)
    assert {each.conversation for each in (heard, agent, said)} == {NAME}
    assert (said.at - heard.at).seconds == 1


async def test_the_log_is_trimmed_by_whoever_read_it(world: World, box: RedisMailbox) -> None:
    for sender in (ASHA, RAVI) * 3:
        await world.say(sender=sender)
    assert isinstance(world.other, RedisMailbox)
    mine, theirs = await box.log(4), await world.other.log(4)
    assert mine == theirs
    assert len(mine) == 4
    await box.trim_log(4)
    await world.other.trim_log(4)
    await box.trim_log(4)
    rest = await box.log(10)
    assert len(rest) == 2
    assert not {each.id for each in rest} & {each.id for each in mine}


async def test_a_receipt_finds_its_bubble(world: World, box: RedisMailbox) -> None:
    [out] = await world.say(say("a"))
    await box.done(out, "m1")
    await box.receipt("whatsapp", "m1", Delivery.DELIVERED, "")
    await box.receipt("whatsapp", "m1", Delivery.FAILED, "63016")
    await box.receipt("telegram", "m1", Delivery.READ, "")
    status = [each for each in await box.log(10) if each.kind == "status"]
    assert [(s.id, s.conversation, s.delivery, s.code) for s in status] == [
        (out.id, NAME, Delivery.DELIVERED, ""),
        (out.id, NAME, Delivery.FAILED, "63016"),
    ]


async def test_a_receipt_may_come_before_the_mark(world: World, box: RedisMailbox) -> None:
    [out] = await world.say(say("a"))
    await box.receipt("whatsapp", "m1", Delivery.ACCEPTED, "")
    await box.receipt("whatsapp", "m1", Delivery.DELIVERED, "")
    assert [each.kind for each in await box.log(10)] == ["in"]
    await box.done(out, "m1")
    status = [each for each in await box.log(10) if each.kind == "status"]
    assert [each.delivery for each in status] == [Delivery.ACCEPTED, Delivery.DELIVERED]
    assert {each.id for each in status} == {out.id}


async def test_what_was_given_up_is_a_dead_letter(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    bubble, job = await world.say(say("a"), SubmitCase("c"))
    await box.give_up(bubble, "63016")
    await box.give_up(job, "410")
    dead = await box.dead(10)
    assert [(d.kind, d.id, d.code) for d in dead] == [
        ("dead", bubble.id, "63016"),
        ("dead", job.id, "410"),
    ]
    key = await Keyring(redis, MASTER, shards=world.shards).key(wire.subject(NAME))
    assert wire.open_logged(key, dead[1]) == SubmitCase("c")
    assert [each.id for each in await box.dead(1)] == [bubble.id]
    await box.bury()
    assert [each.id for each in await box.dead(10)] == [job.id]
    last = (await box.log(10))[-1]
    assert (last.kind, last.delivery, last.code) == ("out", Delivery.FAILED, "63016")


async def test_a_commit_is_dirty_until_its_checkpoint_is_kept(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    await world.say()
    await world.say(sender=RAVI)
    first = {each.conversation: each for each in await box.dirty(10)}
    assert set(first) == {NAME, conversation_id(INDEX, RAVI)}
    turn = await world.turn(hello())
    await box.commit(turn, structs.replace(turn.conversation, language="hi"), [])
    await box.clean(list(first.values()))
    [second] = await box.dirty(10)
    assert second.conversation == NAME
    assert second.rev > first[NAME].rev
    key = await Keyring(redis, MASTER, shards=world.shards).key(wire.subject(NAME))
    assert wire.open_state(key, NAME, second.sealed).language == "hi"
    await box.clean([second])
    assert await box.dirty(10) == []


async def test_an_idle_state_leaves_redis_only_when_the_record_has_it(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    await world.say()
    [name] = [key async for key in redis.scan_iter() if b":c:" in key]
    assert await redis.ttl(name) == -1
    await box.clean(await box.dirty(10))
    assert await redis.ttl(name) > 30 * 86400
    await world.say()
    assert await redis.ttl(name) == -1


async def test_peek_shows_the_committed_state(world: World, box: RedisMailbox) -> None:
    assert await box.peek(NAME) is None
    turn = await world.turn(hello())
    assert await box.peek(NAME) is None
    after = structs.replace(turn.conversation, language="ta")
    await box.commit(turn, after, [])
    assert await box.peek(NAME) == after


async def test_an_emptied_redis_never_repeats_a_number(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    [before] = await world.say(say("a"))
    [old] = await box.dirty(1)
    await redis.flushall()
    world.later(1)
    process = world.process()
    [turn] = await process.put([hello()], claim=True)
    assert await process.commit(turn, turn.conversation, [say("b")]) == []
    after, [new] = await process.next_outgoing(), await box.dirty(1)
    assert after
    assert after.id > before.id
    assert new.rev > old.rev


async def test_a_commit_repeated_after_a_lost_answer_counts_once(world: World) -> None:
    turn = await world.turn(hello())
    assert await world.box.commit(turn, turn.conversation, [say("a")]) == []
    assert await world.box.commit(turn, turn.conversation, [say("a")], claim=True) == []
    assert keys([await world.next()]) == ["a"]
    assert await world.box.next_outgoing() is None


async def test_scripts_come_back_after_the_server_forgot_them(world: World, redis: Redis) -> None:
    await world.say(say("a"))
    await redis.script_flush()
    turns = await world.box.put([hello(), hello(sender=RAVI)], claim=True)
    assert len(turns) == 2


async def test_a_turn_waits_while_the_record_is_down(world: World) -> None:
    world.record_down = True
    assert await world.box.put([hello("one")], claim=True) == []
    assert await world.box.take() is None
    world.later(6)
    assert await world.box.take() is None
    world.record_down = False
    world.later(6)
    assert len((await world.taken()).updates) == 1


class Erased:
    """A record in which everything is erased."""

    async def get(self, subject: str) -> bytes | None:
        raise KeyErased(subject)

    async def put(self, subject: str, wrapped: bytes) -> None:
        raise AssertionError(subject)


def erased_process(world: World, redis: Redis) -> RedisMailbox:
    ring = Keyring(redis, MASTER, Erased(), shards=world.shards)
    return RedisMailbox(
        redis,
        ring,
        INDEX,
        world.restore,
        lambda: world.time,
        lambda: "seed",
    )


async def test_an_erased_conversation_is_dropped_and_stops_nobody(
    world: World, redis: Redis
) -> None:
    await world.say(say("a"))
    await world.box.put([hello()])
    world.later(LEASE + 1)
    for shard in range(world.shards):
        await redis.delete(f"{{s{shard}}}:keys")
    process = erased_process(world, redis)
    assert await process.put([hello("x")], claim=True) == []
    assert await process.take() is None
    assert await process.next_outgoing() is None
    left = [key async for key in redis.scan_iter() if NAME.encode() in key]
    assert left == []


async def test_forget_removes_all_of_a_conversation_and_only_that(
    world: World, box: RedisMailbox, redis: Redis
) -> None:
    for sender in (ASHA, RAVI):
        await world.say(say("a"), say("b"), SubmitCase("c"), sender=sender)
    turn = await world.turn(hello())
    await box.forget(NAME)
    assert await box.commit(turn, turn.conversation, [say("late")]) is None
    world.later(LEASE + 1)
    assert await box.take() is None
    left = [await world.next(), await world.next()]
    assert {each.to for each in left} == {RAVI}
    assert await box.next_outgoing() is None
    assert [key async for key in redis.scan_iter() if NAME.encode() in key] == []


async def test_forget_leaves_a_chat_that_began_anew(
    world: World, box: RedisMailbox, redis: Any
) -> None:
    await world.say()
    held = [await redis.hgetall(key) async for key in redis.scan_iter("*:keys")]
    [wrapped] = [one.get(f"conversation:{NAME}".encode()) for one in held]
    await box.forget(NAME, wrapped)
    assert await box.peek(NAME) is None
    await box.put([new := hello("anew")])
    await box.forget(NAME, wrapped)
    assert (await world.taken()).updates == (new,)


async def test_a_key_made_anew_elsewhere_is_asked_for_again(world: World, redis: Redis) -> None:
    await world.say()
    await redis.flushall()
    process = world.process()
    await process.put([hello("sealed with the new key")])
    assert len((await world.taken()).updates) == 1


async def test_nothing_is_sealed_with_a_key_that_was_replaced(world: World, redis: Redis) -> None:
    await world.say()
    await redis.flushall()
    process = world.process()
    await process.put([hello("with the new key")])
    await world.box.put([hello("by a process that remembers the old key")])
    turn = await process.take()
    assert turn
    assert len(turn.updates) == 2


async def test_another_master_key_opens_nothing(world: World, redis: Redis) -> None:
    await world.box.put([hello()])
    ring = Keyring(redis, b"x" * 32, shards=world.shards)
    box = RedisMailbox(redis, ring, INDEX, world.restore, lambda: world.time, lambda: "")
    with pytest.raises(SealedWrong):
        await box.take()


async def test_without_redis_calls_fail_and_waiting_sleeps() -> None:
    redis = connect("redis://127.0.0.1:1", timeout=0.2)
    world = World(AsyncExitStack())
    ring = Keyring(redis, MASTER)
    box = RedisMailbox(redis, ring, INDEX, world.restore, lambda: world.time, lambda: "seed")
    with pytest.raises(RedisGone):
        await box.put([hello()])
    with pytest.raises(RedisGone):
        await box.take()
    start = time.monotonic()
    await box.wait(0.3)
    assert time.monotonic() - start > 0.25
    await box.aclose()
    await redis.aclose()


async def test_a_lost_connection_is_made_anew(world: World, redis: Redis) -> None:
    for _ in range(3):
        assert await world.say(say("a"), sender=RAVI) is not None
        await redis.client_kill_filter(_type="normal", skipme=True)


async def test_a_server_that_hangs_is_an_error_and_answers_never_mix(redis: Redis) -> None:
    line = Wire(dialer(patient(redis), ""), timeout=0.2)
    assert await line.ask("ECHO", "one") == b"one"
    await redis.client_pause(500)
    with pytest.raises(RedisSlow):
        await asyncio.gather(line.ask("ECHO", "two"), line.ask("SET", "a", "two"))
    await asyncio.sleep(0.5)
    assert await asyncio.gather(*(line.ask("ECHO", n) for n in range(50))) == [
        str(n).encode() for n in range(50)
    ]
    await line.aclose()


async def test_answers_never_mix_while_connections_are_cut(redis: Redis) -> None:
    line = Wire(dialer(redis, ""), timeout=5.0)
    name = await redis.client_id()

    async def asks(number: int) -> bool:
        await asyncio.sleep(number % 7 / 1000)
        try:
            return bool(await line.ask("ECHO", str(number)) == str(number).encode())
        except RedisError:
            return True

    async def cuts() -> None:
        for _ in range(20):
            await asyncio.sleep(0.002)
            others = [one["id"] for one in await redis.client_list() if int(one["id"]) != name]
            for one in others:
                with contextlib.suppress(RedisError):
                    await redis.client_kill_filter(_id=one)

    asked = [asks(number) for number in range(3000)]
    *right, _ = await asyncio.wait_for(asyncio.gather(*asked, cuts()), 20)
    assert all(right)
    assert await line.ask("ECHO", "after") == b"after"
    await line.aclose()


async def test_an_error_is_told_to_the_one_who_asked(redis: Redis) -> None:
    line = Wire(dialer(patient(redis), ""))
    answers = await asyncio.gather(
        line.ask("ECHO", "one"),
        line.ask("NONSENSE"),
        line.ask("ECHO", "three"),
        return_exceptions=True,
    )
    assert [answers[0], answers[2]] == [b"one", b"three"]
    assert isinstance(answers[1], ResponseError)
    await line.aclose()


async def test_waiting_for_what_nobody_takes_does_not_spin(world: World, redis: Redis) -> None:
    await world.say(say("a"))
    world.later(LEASE + 1)
    before = await scripts_run(redis)
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        await world.box.wait(0.5)
    assert await scripts_run(redis) - before < 40 * world.shards


async def scripts_run(redis: Any) -> int:
    found = [await redis.info("commandstats", **each) for each in await everywhere(redis)]
    return sum(each.get("cmdstat_evalsha", {}).get("calls", 0) for each in found)


async def everywhere(redis: Any) -> list[dict[str, Any]]:
    """What to ask each server by itself with."""
    await redis.initialize()
    return [{"target_nodes": n} for n in redis.get_primaries()] if is_cluster(redis) else [{}]


async def blocked(redis: Any) -> int:
    lists = [await redis.client_list(**each) for each in await everywhere(redis)]
    return sum("b" in client["flags"] for each in lists for client in each)


async def test_many_waiters_share_one_listener(world: World, redis: Redis) -> None:
    waiting = [asyncio.create_task(world.box.wait(10)) for _ in range(20)]
    servers = world.shards if is_cluster(redis) else 1
    async with asyncio.timeout(4):
        while await blocked(redis) < servers:  # connecting takes its time on a busy machine
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    assert await blocked(redis) == servers
    await world.other.put([hello()])
    await asyncio.wait_for(asyncio.gather(*waiting), 2)


async def test_a_turn_that_is_never_committed_gets_more_time(world: World) -> None:
    box = world.process(turn_seconds=8.0)
    await box.put([hello()])
    for seconds in (8, 16, 32, 64, 64):
        assert await box.take()
        world.later(seconds - 1)
        assert await box.take() is None
        world.later(2)
    turn = await box.take()
    assert turn
    assert await box.commit(turn, turn.conversation, []) is not None
    await box.put([hello()])
    assert await box.take()
    world.later(9)
    assert await box.take()


async def test_too_much_at_once_is_told_once_and_holds_nobody_up(world: World) -> None:
    box = world.process(per_minute=150)
    await box.put([hello(sender=RAVI)])
    for n in range(0, 1000, 50):
        await box.put([hello(str(n + m)) for m in range(50)])
    await box.put([hello("b", sender=RAVI)])
    first, second = await world.taken(), await world.taken()
    assert {first.conversation.address, second.conversation.address} == {ASHA, RAVI}
    heard = [update async for turn in taken_all(world, first, second) for update in turn.updates]
    mine = [update for update in heard if update.sender == ASHA]
    assert len([update for update in mine if isinstance(update, Message)]) == 150
    assert [update.what for update in mine if isinstance(update, Due)] == ["too_fast"]
    world.later(61)
    await box.put([hello("later")])
    assert texts((await world.taken()).updates) == ["later"]


async def taken_all(world: World, *turns: Turn) -> AsyncIterator[Turn]:
    waiting: list[Turn] = list(turns)
    while waiting:
        turn = waiting.pop()
        yield turn
        assert await world.box.commit(turn, turn.conversation, []) is not None
        if following := await world.box.take():
            waiting.append(following)


async def died(redis: Any) -> None:
    """Every process that leased something is dead."""
    async for key in redis.scan_iter("*alive:*"):
        await redis.delete(key)


@pytest.fixture
def judging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "STEADY_SECONDS", 0.0)


@pytest.mark.usefixtures("judging")
async def test_what_a_dead_process_held_is_taken_up_at_once(world: World, redis: Any) -> None:
    other = world.other
    assert isinstance(other, RedisMailbox)
    [said] = await world.say(say("a"), say("b"))
    turn = await world.turn(hello(sender=RAVI))
    await other.beat()
    assert await other.beat() == 0  # they live
    assert await other.take() is None
    assert await other.next_outgoing() is None
    await died(redis)
    assert await other.beat() == 2
    again, bubble = await other.take(), await other.next_outgoing()
    assert again
    assert again.updates == turn.updates
    assert again.fence > turn.fence
    assert bubble
    assert (bubble.id, bubble.attempt) == (said.id, 1)
    assert await other.beat() == 0


@pytest.mark.usefixtures("judging")
async def test_what_waits_for_its_time_is_not_taken_up(world: World, redis: Any) -> None:
    other = world.other
    assert isinstance(other, RedisMailbox)
    [said] = await world.say(say("a"))
    await world.box.again(said, 10)
    turn = await world.turn(hello(sender=RAVI))
    await world.box.release(turn, 10)
    await died(redis)
    await other.beat()
    assert await other.beat() == 0


async def test_a_new_process_judges_only_where_others_could_tell(world: World, redis: Any) -> None:
    await world.turn(hello())
    await died(redis)
    box, new = world.process(), world.process()
    assert isinstance(box, RedisMailbox)
    assert isinstance(new, RedisMailbox)
    assert await box.beat() == 0  # nobody told before: Redis may have been away
    world.later(pulse.STEADY_SECONDS - 1)
    assert await new.beat() == 0
    world.later(1)
    assert await new.beat() == 1


def test_a_process_that_lost_redis_judges_nobody_for_a_while() -> None:
    time = [0.0]
    heart = pulse.Pulse(lambda: time[0])
    for second in range(6):
        time[0] = second
        assert heart.steady()
        heart.beaten()
    time[0] = 9.5  # Redis was away
    assert not heart.steady()
    for second in range(6):
        time[0] = 9.5 + second
        heart.beaten()
        assert not heart.steady()
    time[0] = 15.5
    assert heart.steady()
