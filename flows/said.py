"""Words: what was said about the pending question, and what is said where it was not understood."""

from datetime import datetime

from msgspec.structs import replace

from flows import anytime, asides, locked, opening, versions, voice
from flows.conversation import Conversation, Heard
from flows.data import LANGUAGES
from flows.effects import Say
from flows.messages import Message
from flows.order import is_late
from flows.outcome import Outcome
from flows.say import say
from flows.steps import steps
from flows.talks import hear
from flows.walk import CONSENTS
from nlu.meaning import Answer, Command, Guess, Meaning, Unclear

MISSES = 2
LONGEST = 4000
UNUSABLE = ("voice", "video", "audio", "sticker", "location", "contact")


def understood(before: Conversation, message: Message, meaning: Meaning, now: datetime) -> Outcome:
    """What a message without a file or a tap does."""
    if opening.early(before):
        before = opening.hold(before, message)
    if voice.is_voice(before, message):
        return voice.listen(before, message)
    if locked.is_password(before, message) and not isinstance(meaning, Command):
        return locked.open_with(before, message)
    if message.kind in UNUSABLE:
        return Outcome(before, [say(_unusable(before, message.kind))])
    if message.start or (message.text == "/start" and before.language):
        return _started(before, message, now)
    if not message.text.strip():
        return Outcome(before, [say("again.empty")])
    match meaning:
        case Command(name, detail) if before.step == "language" and name == "language":
            return _language_named(before, detail, now)
        case Command("greet") if before.step == "language":
            return Outcome(before)
        case Command(name, detail):
            return anytime.obey(voice.dropped(before), name, detail, message.text, now)
        case _ if "changed" in before.detail:
            return Outcome(versions.seen(before), [say("again.changed")])
        case _ if is_late(before, message):
            # From here on: were the order itself wrong, it would be late for ever.
            return Outcome(replace(before, order=message.order), [say("again.late")])
        case _ if message.unseen:
            # What is held until the consents is used: only not as their answer.
            return Outcome(before, [] if opening.early(before) else [say("again.unseen")])
        case Answer(value, "yesno") if before.heard:
            return confirmed(before, value == "yes", now)
        case Answer(value, kind):
            here = voice.dropped(before)
            return asides.told_too(here, hear(here, kind, value, now), message, now)
        case Guess(answer):
            return Outcome(replace(before, heard=Heard(answer)))
        case Unclear():
            return _unclear(before, message)


def confirmed(before: Conversation, yes: bool, now: datetime) -> Outcome:
    """Whether what was heard is right; then it counts as if it had been typed."""
    if told := voice.confirmed(before, yes):
        return understood(*told, now)
    return Outcome(voice.dropped(before), [say("heard.no")])


def _unusable(before: Conversation, kind: str) -> str:
    """The line for what has no words; a place or a card is nearly right where one is asked for."""
    asked_at = {"location": "place", "contact": "callback_phone"}.get(kind, before.step)
    return f"again.{kind}" if asked_at == before.step else "again.sticker"


def _started(before: Conversation, message: Message, now: datetime) -> Outcome:
    """A deep link may name the language; otherwise it is a hello."""
    code = message.start.removeprefix("lang-").removeprefix("lang_")
    if not before.language and code in LANGUAGES:
        return opening.choose_language(before, code, now)
    return Outcome(before)


def _language_named(before: Conversation, code: str, now: datetime) -> Outcome:
    return opening.choose_language(before, code, now) if code else Outcome(before)


def _unclear(before: Conversation, message: Message) -> Outcome:
    """Ask again with the reason; a person is called after the second time in a row."""
    missed = replace(before, misses=before.misses + 1)
    if not before.language and not before.misses:
        return Outcome(missed)
    lines = ["again.long" if len(message.text) > LONGEST else _again(before)]
    patience = MISSES if before.language else MISSES + 2
    if missed.misses < patience or missed.holder != "bot":
        return Outcome(missed, [say(*lines)])
    called = anytime.human(missed, "not_understood")
    orders = [effect for effect in called.effects if not isinstance(effect, Say)]
    return Outcome(called.conversation, [say(*lines, "help.agent_comes"), *orders])


def _again(before: Conversation) -> str:
    """The line that says what would be understood here."""
    if before.step in CONSENTS and before.step != "patient_agrees":
        return "again.consent"
    if before.heard or "reading" in before.detail or before.step == "offered":
        return "again.yesno"
    if before.step in ("records", "missing"):
        return "again.documents"
    step = steps().get(before.step)
    kind = step.kind if step else "choice"
    return "again." + {"text": "free_text", "case_type": "cancer_type"}.get(kind, kind)
