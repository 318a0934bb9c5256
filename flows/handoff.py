"""When a support agent holds the chat: the bot keeps quiet and comes back where it was."""

from datetime import datetime

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.effects import CallAgent, Effect, LeaveQueue
from flows.messages import AgentLeft, AgentTook, AgentWrote, Due
from flows.outcome import Outcome
from flows.say import line, plain, say, tap


def took(before: Conversation, update: AgentTook) -> Outcome:
    """An agent is here now; what the bot was still about to answer is not said any more."""
    after = replace(before, holder="agent", waiting_since=None)
    joined = say(line("human.joined", name=update.name or update.agent), bot=False, silences=True)
    return Outcome(after, [joined], ask=False)


def wrote(before: Conversation, update: AgentWrote) -> Outcome:
    """An agent's own words, or a file."""
    if before.holder != "agent":
        return Outcome(before, ask=False)
    words = [plain(update.text)] if update.text else []
    bubble = say(
        *words,
        bot=False,
        document=update.document,
        document_name=update.name,
        document_mime=update.mime,
        template="person_waiting",
    )
    return Outcome(before, [bubble], ask=False)


def left(before: Conversation, update: AgentLeft) -> Outcome:
    """The bot is back, at the same question."""
    if before.holder != "agent":
        return Outcome(before, ask=False)
    after = replace(before, holder="bot", waiting_since=None, misses=0)
    return Outcome(after, [say("human.left"), LeaveQueue()], ask=bool(before.language))


def due(before: Conversation, update: Due, now: datetime) -> Outcome:
    """Something waited for has come: nobody took the chat in the promised time."""
    if update.what == "agent_late" and before.holder == "queue" and not before.stopped:
        return Outcome(before, [say("human.late", options=(tap("callback"),))], ask=False)
    return Outcome(before, ask=False)


def callback(before: Conversation) -> Outcome:
    """The person would rather be called."""
    orders: list[Effect] = [say("human.call_noted"), CallAgent("callback")]
    return Outcome(before, orders)
