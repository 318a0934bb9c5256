"""What a message means: taps and readers first, Rasa for what they leave open."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from itertools import product

from msgspec.structs import replace

from bot.wording import Wording
from flows.conversation import Conversation
from flows.effects import Option, Voice
from flows.messages import Message
from flows.question import Question
from flows.say import voice
from flows.talks import question
from nlu import speaks_of, understand
from nlu.meaning import Answer, Command, Context, Guess, Meaning, Unclear

Intent = Callable[[str, float], Awaitable[str | None]]
Stronger = Callable[[str, Context, str, Sequence[str]], Awaitable[Meaning]]
_Rows = tuple[tuple[str, ...], tuple[str, ...]]

# Intents that are answers where records are collected, and nothing elsewhere.
RECORD_INTENTS = {"upload_done": "done", "will_send_later": "later"}
# Guesses that would help nobody.
# The model learns talk that asks for nothing, and what answers look like: neither is a wish.
NOTHING, ANSWER = "nothing", "answer"
NEVER_BY_GUESS = {"dont_understand", NOTHING, ANSWER}
# How and when to talk is asked for a talk: that one is spoken of is no second wish.
FOLLOWUP, OF_A_TALK = "book_followup", ("video", "phone", "morning", "afternoon", "evening")
# Where no model is asked: it was read back already, or it cannot be taken back.
DELICATE = {"erase", "erased", "declined", "language", "offered"}
# What is only told changes nothing: it needs no reading back.
TOLD = {"help", "cost", "time", "privacy", "credentials", "why", "repeat", "status", "menu"}
FEW_WORDS = 4
# How sure a guess must be where the text speaks of the question: 'if my husband agrees'.
SURE = 0.8
# Surer than any model is.
NEVER = 2.0
ELSEWHERE = {"start_case": "menu"}


async def meaning_of(
    wording: Wording,
    intent: Intent,
    conversation: Conversation,
    message: Message,
    today: date,
    stronger: Stronger | None = None,
) -> Meaning:
    """The meaning of a message for the question that stands.

    `stronger` is asked last; what it answers must be read back.
    """
    if not message.text.strip():
        return Unclear()
    pending = question(conversation, today)
    found = read(wording, pending, conversation, message.text, today)
    if settled(found) or message.choice or conversation.step == "language":
        return found
    if conversation.locked:
        # The words may be a password: no model sees them.
        return found
    records = conversation.step in ("records", "missing")
    ids = tuple(_by_id(pending.options))
    contexts = [Context(reader, ids) for reader in pending.readers]
    language = conversation.language or "en"
    least = max((least_for(message.text, each, language) for each in contexts), default=0.0)
    guess = await intent(message.text, needed(found, least))
    meaning = weighed(found, guess, records=records)
    if not stronger or not isinstance(meaning, Unclear) or guess == NOTHING:
        return meaning
    if conversation.heard or "reading" in conversation.detail or conversation.step in DELICATE:
        return meaning
    return await asked_last(stronger, contexts[0], conversation, message.text)


async def asked_last(
    stronger: Stronger, context: Context, conversation: Conversation, text: str
) -> Meaning:
    """What a stronger reader makes of a text: told at once, or an answer to be read back."""
    found = await stronger(text, context, conversation.language or "en", known_names(conversation))
    if isinstance(found, Answer):
        return Guess(found)
    return found if isinstance(found, Command) and found.name in TOLD else Unclear()


def known_names(conversation: Conversation) -> tuple[str, ...]:
    """Names that must not leave the house."""
    case = conversation.case if conversation.cases else None
    told = [case.value(name) for name in ("writer_name", "patient_name")] if case else []
    return tuple(str(name) for name in (*told, conversation.profile_name) if name)


def settled(found: Meaning) -> bool:
    """Whether the model need not be asked."""
    return isinstance(found, Command) or (isinstance(found, Answer) and not found.weak)


def needed(found: Meaning, least: float) -> float:
    """How sure the model must be to be heard beside what the readers found."""
    return SURE if isinstance(found, Answer) else least


def weighed(found: Meaning, guess: str | None, *, records: bool) -> Meaning:
    """A weak answer, unless the model is sure of a command or that nothing was meant."""
    if isinstance(found, Answer) and guess in (None, ANSWER, *RECORD_INTENTS):
        return found
    if isinstance(found, Answer) and guess == FOLLOWUP and found.value in OF_A_TALK:
        return found
    return guessed(guess, records=records)


def least_for(text: str, context: Context, language: str) -> float:
    """How sure the model must be about a text that no reader understood: '250 years' is no wish."""
    if not speaks_of(text, context, language):
        return 0.0
    return SURE if len(text.split()) >= FEW_WORDS else NEVER


def read(
    wording: Wording, pending: Question, conversation: Conversation, text: str, today: date
) -> Meaning:
    """What the readers of a question make of a text, in their order."""
    language = conversation.language or "en"
    # The numbered lines of a page (`known`) come before its buttons.
    options = list({**_by_id(pending.known), **_by_id(pending.options)}.values())
    own = voice(conversation)
    rows = dict.fromkeys(_rows(wording, options, v) for v in (own, replace(own, language="en")))
    free = "free_text" in pending.readers
    whole = understand(text, Context("free_text"), language, today) if free else Unclear()
    if isinstance(whole, Command):
        return whole
    # English words of a row are said in every language; its own words are looked for first.
    for reader, (ids, labels) in product(pending.readers, rows):
        found = _by(reader, text, Context(reader, ids, labels), language, today, free=free)
        if isinstance(found, Answer) or (not free and not isinstance(found, Unclear)):
            return found
    return whole


def _by(
    reader: str, text: str, context: Context, language: str, today: date, *, free: bool
) -> Meaning:
    """One reader's meaning. Beside a free text, only short words are done or later."""
    if reader == "exact":
        return _exact(text, context)
    if free and reader == "documents" and len(text.split()) > FEW_WORDS:
        return Unclear()
    return understand(text, context, language, today)


def _exact(text: str, context: Context) -> Meaning:
    """A row by its very words or its number: all else is the person's own text."""
    said = text.strip().casefold()
    for number, (name, label) in enumerate(zip(context.ids, context.labels, strict=True), 1):
        if said in (label.casefold(), str(number)):
            return Answer(name, "choice")
    return Unclear()


def _by_id(options: tuple[Option, ...]) -> dict[str, Option]:
    return {option.id: option for option in options if not option.id.startswith("!")}


def _rows(wording: Wording, options: list[Option], heard: Voice) -> _Rows:
    labels = (option.literal or wording.text(option.key, {}, heard) for option in options)
    return tuple(option.id for option in options), tuple(labels)


def guessed(intent: str | None, *, records: bool) -> Meaning:
    """A model's guess, as far as a guess may go. `records`: papers are being collected."""
    if intent in RECORD_INTENTS and records:
        return Answer(RECORD_INTENTS[intent], "documents")
    if not intent or intent in NEVER_BY_GUESS or intent in RECORD_INTENTS:
        return Unclear()
    return Command(ELSEWHERE.get(intent, intent))
