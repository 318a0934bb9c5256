"""Messages in a wrong order, or in one that nobody knows: put right, told late, read back."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.effects import Effect, Line, Say
from flows.messages import Message, Update
from flows.review import changeable, shown
from flows.say import label, line


def is_late(conversation: Conversation, message: Message) -> bool:
    """Words that were written before others that have been heard already."""
    if message.edited or message.choice or message.attachments:
        return False
    return 0 < message.order < conversation.order


def is_unseen(conversation: Conversation, message: Message) -> bool:
    """Words written before the pending question could be seen: by their number or their time."""
    heard = conversation.last_heard
    found_late = bool(message.written and heard and message.written < heard)
    return found_late or (conversation.one_row and 0 < message.order < message.asked)


def in_one_row(conversation: Conversation, message: Message) -> bool:
    """Whether the provider numbers both sides in one row: an answer came above its question."""
    return conversation.one_row or message.order > message.asked > 0


def put_right(effects: Sequence[Effect]) -> list[Effect]:
    """The effects of a turn that heard overtaken messages again, in their order."""
    return _first_says(effects, (line("again.put_right"),))


def read_back(
    before: Conversation, after: Conversation, updates: Sequence[Update], effects: list[Effect]
) -> list[Effect]:
    """Words that came together, their order unknown: what they were taken for is said."""
    unknown = [each for each in updates if isinstance(each, Message) and _typed(each)]
    if len(unknown) < 2 or not after.cases or after.last_heard is None:
        return effects
    taken = _taken(before, after, after.last_heard.date())
    if len(taken) < 2:
        return effects
    given = after.case.answers
    items = (line("review.item", label=label(n), value=shown(n, given[n])) for n in taken)
    return _first_says(effects, (line("again.read_back"), *items))


def _typed(message: Message) -> bool:
    return not (message.order or message.choice or message.attachments)


def _taken(before: Conversation, after: Conversation, today: date) -> list[str]:
    known = before.case.answers if before.cases else {}
    return [n for n in changeable(after.case, today) if known.get(n) != after.case.answers[n]]


def _first_says(effects: Sequence[Effect], lines: tuple[Line, ...]) -> list[Effect]:
    """The first bubble begins with these lines, and takes no other's place."""
    told = [effect for effect in effects if isinstance(effect, Say)][:1]
    return [
        replace(effect, lines=(*lines, *effect.lines), replaces="")
        if isinstance(effect, Say) and effect in told
        else effect
        for effect in effects
    ]
