"""Voice notes and guesses: kept, read back, and counted after a yes."""

from typing import Any, TypeGuard

from msgspec.structs import replace

from flows.conversation import Conversation, Heard, Note
from flows.effects import Day, Effect, Key, Line, Listen, Option, Say
from flows.messages import Message, Spoken
from flows.outcome import Outcome
from flows.question import YES_NO, Question
from flows.say import line, say
from flows.steps import steps
from flows.walk import consented
from nlu.meaning import Command, Meaning

KINDS = ("voice", "audio")
MOST_NOTES = 20
# What Amazon Polly speaks of our languages; more taps than two leave no room for one more.
ALOUD, MOST_TAPS = ("hi", "en"), 2
SPEAKER = Option("!aloud", literal="🔊")
# The place of the question whether something was understood rightly.
PLACE = "heard"


def is_voice(before: Conversation, message: Message) -> bool:
    """A voice note that may be kept: after the consents, as everything about an illness."""
    sent = bool(message.attachments) and message.kind in KINDS
    return sent and bool(before.cases) and consented(before.case)


def listen(before: Conversation, message: Message) -> Outcome:
    """Keep it, and say whether it can be listened to."""
    key = "voice.listening" if message.audible else "voice.kept"
    return Outcome(before, [say(key), *orders(before, message)], ask=not message.audible)


def orders(before: Conversation, message: Message) -> list[Effect]:
    """What keeps the notes of a message."""
    return [Listen(each, before.language) for each in message.attachments]


def spoken(before: Conversation, update: Spoken, meaning: Meaning) -> Outcome:
    """What a voice note said, to be confirmed; an agent who holds the chat listens instead."""
    after = _kept(before, update)
    if before.holder == "agent" or not update.tried:
        return Outcome(after, ask=False)
    if not update.text:
        return Outcome(after, [say("voice.unclear")])
    return Outcome(replace(after, heard=Heard(meaning, update.text)))


def _kept(before: Conversation, update: Spoken) -> Conversation:
    if not update.document:
        return before
    notes = (*before.notes, Note(update.document, update.mime))
    return replace(before, notes=notes[-MOST_NOTES:])


def question(before: Conversation, pending: Question) -> Question:
    """Was this meant? Whoever answers the pending question instead is heard too."""
    known = (*pending.known, *(o for o in pending.options if not o.id.startswith("!")))
    readers = ("yesno", *pending.readers)
    return Question((_asked(before),), YES_NO, readers, known=known)


def _asked(before: Conversation) -> Line:
    if before.heard and before.heard.words:
        return line("heard.words", words=before.heard.words)
    return line("heard.guess", value=shown(before.step, before.heard))


def shown(step: str, heard: Heard | None) -> Any:
    """A guessed answer in the words that the person knows."""
    value = getattr(heard.meaning, "value", "") if heard else ""
    field = steps().get(step)
    match field.kind if field else "choice":
        case "date" | "future_date":
            return Day(str(value))
        case "case_type":
            return Key(f"case_type.{value}")
        case "choice" if field:
            return Key(f"option.{step}.{value}")
        case "yesno":
            return Key(f"button.{value}")
    return str(value)


def dropped(before: Conversation) -> Conversation:
    """Something else was said: what was heard is forgotten."""
    return replace(before, heard=None) if before.heard else before


def confirmed(before: Conversation, yes: bool) -> tuple[Conversation, Message, Meaning] | None:
    """After a yes: the words as if they had been typed, and what they mean."""
    heard = before.heard
    if not yes or not heard:
        return None
    said = Message("heard", before.address, text=heard.words or "guessed")
    return replace(before, heard=None, misses=0), said, heard.meaning


def is_alarm(meaning: Meaning) -> TypeGuard[Command]:
    """Danger comes before everything, and is not read back first."""
    return isinstance(meaning, Command) and meaning.name in ("emergency", "crisis")


def with_speaker(after: Conversation, asked: Say) -> Say:
    """The question with a button that reads it aloud, where that is set up."""
    speaks = after.readable and after.language in ALOUD and len(asked.options) <= MOST_TAPS
    return replace(asked, options=(*asked.options, SPEAKER)) if speaks else asked
