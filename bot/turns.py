"""The order of all input and output: receive, take, commit, then send."""

import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from msgspec import to_builtins
from msgspec.structs import replace

from bot import papers, sending, voice
from bot.app import App
from bot.channels import SendFailed
from flows.conversation import Conversation
from flows.effects import (
    CallAgent,
    Effect,
    EraseData,
    LeaveQueue,
    Listen,
    ReadAloud,
    ReadDocument,
    SaveDocument,
    Say,
    SubmitCase,
    TellReview,
    UnlockDocument,
    Wake,
)
from flows.engine import decide
from flows.messages import Due, Message, Receipt, Spoken, Update
from flows.order import is_late, put_right, read_back
from flows.say import latest
from flows.versions import current, is_newer
from nlu import redact
from nlu.meaning import Meaning, Unclear
from storage.mailbox import Outgoing, Turn
from storage.mailbox_wire import in_order
from storage.points import reach

log = logging.getLogger(__name__)

# With pauses of five minutes at most: about a day, for a provider that is away.
TRIES = 300
AFTER_A_FAULT, AFTER_A_NEWER = 30.0, 1.0
LONGEST_WAIT = 300.0
ERASE_AFTER = timedelta(seconds=20)


async def receive(app: App, updates: Sequence[Update]) -> None:
    """First transaction: updates are kept, each once for good."""
    for update in updates:
        if isinstance(update, Receipt):
            channel = update.sender.channel
            await app.mailbox.receipt(channel, update.message_id, update.delivery, update.code)
    kept = [guarded(update) for update in updates if not isinstance(update, Receipt)]
    for update in kept:
        if isinstance(update, Message):
            await app.senders.remember(update.sender)
    if kept:
        for turn in await app.mailbox.put(kept, claim=app.works):
            app.spawn(work(app, turn))


def guarded(update: Update) -> Update:
    """A message with the numbers made unreadable that nobody should send us."""
    if not isinstance(update, Message) or not any(sign.isdecimal() for sign in update.text):
        return update
    text, kinds = redact(update.text)
    return replace(update, text=text, masked=tuple(kinds)) if kinds else update


async def take(app: App) -> bool:
    """Take the longest-waiting conversation, if there is one."""
    if not (turn := await app.mailbox.take()):
        return False
    await work(app, turn)
    return True


async def work(app: App, turn: Turn) -> None:
    """Second transaction: what waits in one conversation becomes state and effects."""
    if is_newer(turn.conversation):
        # A deploy is under way: a process of that version takes it.
        await app.mailbox.release(turn, AFTER_A_NEWER)
        return
    try:
        if _overtaken(turn):
            turn = await app.mailbox.undone(turn)
        after, effects = await _decided(app, turn)
    except Exception as error:
        # The updates stay in the inbox; the fault is seen, never what was said.
        log.error("turn failed: %s", type(error).__name__, exc_info=_quiet(error))
        await app.mailbox.release(turn, AFTER_A_FAULT)
        return
    out = await app.mailbox.commit(turn, after, effects, claim=app.works)
    for outgoing in out or ():
        app.spawn(deliver(app, outgoing))


def _overtaken(turn: Turn) -> bool:
    said = (update for update in turn.updates if isinstance(update, Message))
    return any(is_late(turn.conversation, update) for update in said)


async def _decided(app: App, turn: Turn) -> tuple[Conversation, list[Effect]]:
    before = after = current(turn.conversation, app.now().date())
    effects = list[Effect]()
    for update in in_order((*turn.again, *turn.updates)):
        meaning: Meaning = Unclear()
        if isinstance(update, Message):
            asked = turn.asked.number_of(after.step)
            update = replace(
                update, asked=asked, audible=app.ears is not None, readable=app.mouth is not None
            )
            meaning = await app.understand(after, update)
        if isinstance(update, Spoken) and update.text:
            said = Message(update.id, update.sender, text=update.text)
            meaning = await app.understand(after, said)
        after, more = decide(after, update, meaning, app.now())
        effects += more
    told = read_back(before, after, turn.updates, latest(effects))
    return after, put_right(told) if turn.again else told


def _quiet(error: BaseException) -> BaseException:
    """The error without its words, which may quote a person's."""
    return type(error)().with_traceback(error.__traceback__) if not error.args else _bare(error)


def _bare(error: BaseException) -> BaseException:
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)


async def deliver_next(app: App) -> bool:
    """Carry out the next effect that is due, if there is one."""
    if not (outgoing := await app.mailbox.next_outgoing()):
        return False
    await deliver(app, outgoing)
    return True


async def deliver(app: App, outgoing: Outgoing) -> None:
    """Third step: carry out an effect, and what may follow it in the same chat."""
    waiting = [outgoing]
    while waiting:
        current = waiting.pop(0)
        kind = type(current.effect).__name__
        reach(f"{kind}.begun")
        try:
            message_id = await perform(app, current)
        except Exception as error:
            await _failed(app, current, error)
            continue
        reach(f"{kind}.performed")
        waiting += await app.mailbox.done(current, message_id)
        if isinstance(current.effect, SaveDocument):
            # Not before: what is not committed may have to be fetched again.
            app.spawn(app.forget(current.to.channel, current.effect.attachment))


async def perform(app: App, outgoing: Outgoing) -> str:
    """Carry out one effect; mypy fails here when a new kind has no case."""
    match outgoing.effect:
        case Say() as say:
            return await sending.send(app, outgoing, say)
        case SaveDocument() as order:
            await receive(app, [await papers.save(app, outgoing, order)])
        case ReadDocument(case, document):
            await app.recorder.keep(outgoing.conversation)
            await app.jobs.read(outgoing.id, case, document)
        case UnlockDocument() as locked:
            await receive(app, [await papers.unlock(app, outgoing, locked)])
        case Listen() as note:
            await receive(app, [await voice.listen(app, outgoing, note)])
        case ReadAloud(said):
            return await voice.read_aloud(app, outgoing, said)
        case SubmitCase(case):
            await app.recorder.keep(outgoing.conversation)
            await app.jobs.submit(case)
        case TellReview(case, what, detail):
            # The job reads the record: what it tells of must stand there.
            await app.recorder.keep(outgoing.conversation)
            await app.jobs.tell(outgoing.id, case, what, detail)
        case CallAgent(reason, urgent):
            await app.desk.alert(outgoing.id, outgoing.conversation, reason, urgent)
            await app.jobs.wake(outgoing, "agent_late", app.promised_agent_by())
        case LeaveQueue():
            await app.desk.leave(outgoing.conversation)
        case Wake(what, at, ref):
            await app.jobs.wake(outgoing, what, at, ref)
        case EraseData(request, by, cases):
            # Not now: the words that confirm it are sealed with the key that goes.
            soon = app.now() + ERASE_AFTER
            await app.jobs.erase(outgoing.conversation, request, soon, by, cases)
        case _ as never:
            assert_never(never)
    return ""


async def _failed(app: App, outgoing: Outgoing, error: Exception) -> None:
    """Try again later, or give up and say so where it matters."""
    failed = error if isinstance(error, SendFailed) else SendFailed(type(error).__name__)
    log.warning(
        "effect failed: %s %s attempt %d",
        type(outgoing.effect).__name__,
        failed.code,
        outgoing.attempt,
    )
    if failed.window_closed and isinstance(outgoing.effect, Say):
        await _through_template(app, outgoing, outgoing.effect)
        return
    if failed.permanent or outgoing.attempt >= TRIES:
        await app.mailbox.give_up(outgoing, failed.code)
        if isinstance(outgoing.effect, SaveDocument | UnlockDocument):
            await receive(app, [papers.lost(outgoing, outgoing.effect)])
        return
    await app.mailbox.again(outgoing, failed.retry_after or backoff(outgoing.attempt))


def backoff(attempt: int) -> float:
    """Seconds until the next try: doubling, jittered, at most five minutes."""
    return min(LONGEST_WAIT, 2.0**attempt) * random.uniform(0.5, 1.0)


async def _through_template(app: App, outgoing: Outgoing, say: Say) -> None:
    """Outside the service window: a template goes, the words wait for the person."""
    message_id = ""
    if say.template:
        try:
            message_id = await sending.send_template(app, outgoing, say)
        except SendFailed as failed:
            log.warning("template failed: %s", failed.code)
    unsaid = Due(
        f"unsaid:{outgoing.id}", outgoing.to, "unsaid", detail={"says": to_builtins([say])}
    )
    await receive(app, [unsaid])
    for following in await app.mailbox.done(outgoing, message_id):
        app.spawn(deliver(app, following))
