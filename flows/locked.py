"""A PDF with a password: asked for, used once, kept nowhere."""

from msgspec.structs import replace

from flows.conversation import Conversation, Locked
from flows.effects import UnlockDocument
from flows.messages import DocumentKept, Message
from flows.outcome import Outcome
from flows.say import line, say, tap

MOST_TRIES = 3
LONGEST = 127


def ask(before: Conversation, update: DocumentKept) -> Outcome:
    """Ask for the password of a file that was kept as it is."""
    known = before.locked
    tries = known.tries + 1 if known and known.document == update.document else 0
    if tries >= MOST_TRIES:
        return Outcome(replace(before, locked=None), [say("locked.given_up")])
    waits = Locked(
        update.case, update.slot, update.upload, update.document, update.size, update.place, tries
    )
    key = "locked.wrong" if tries else "locked.ask"
    options = (replace(tap("no_password"), id="!no_password"), tap("human"))
    return Outcome(replace(before, locked=waits), [say(line(key), options=options)], ask=False)


def is_password(before: Conversation, message: Message) -> bool:
    """Whether the words of a message are what was asked for."""
    words = message.text.strip()
    return bool(before.locked and words) and not message.choice and len(words) <= LONGEST


def open_with(before: Conversation, message: Message) -> Outcome:
    """Try it; a wrong one is asked for again."""
    at = before.locked
    if not at:
        return Outcome(before)
    order = UnlockDocument(
        at.case, at.slot, at.upload, at.document, message.text.strip(), at.size, at.place
    )
    return Outcome(before, [order], ask=False)


def opened(before: Conversation, document: str) -> Conversation:
    """That file is settled."""
    settled = before.locked and before.locked.document == document
    return replace(before, locked=None) if settled else before


def none(before: Conversation) -> Outcome:
    """Nobody knows it: photos of the pages will do."""
    return Outcome(replace(before, locked=None), [say("locked.none")])
