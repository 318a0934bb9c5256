"""What a message means: taps and readers first, Rasa for what they leave open."""

from collections.abc import Awaitable, Callable
from datetime import date

from bot.wording import Wording
from flows.conversation import Conversation
from flows.effects import Option
from flows.messages import Message
from flows.question import Question
from flows.say import voice
from flows.talks import question
from nlu import understand
from nlu.meaning import Answer, Command, Context, Meaning, Unclear

Intent = Callable[[str], Awaitable[str | None]]

# Intents that are answers where records are collected, and nothing elsewhere.
RECORD_INTENTS = {"upload_done": "done", "will_send_later": "later"}
# What only a person's own plain words may bring about; a model's guess is not enough.
NEVER_BY_GUESS = {"stop", "delete_data", "dont_understand", "skip", "back", "greet"}
ELSEWHERE = {"start_case": "menu"}


async def meaning_of(
    wording: Wording,
    intent: Intent,
    conversation: Conversation,
    message: Message,
    today: date,
) -> Meaning:
    """The meaning of a message for the question that stands."""
    if not message.text.strip():
        return Unclear()
    pending = question(conversation, today)
    found = read(wording, pending, conversation, message.text, today)
    if not isinstance(found, Unclear) or message.choice or conversation.step == "language":
        return found
    return by_intent(await intent(message.text), conversation)


def read(
    wording: Wording, pending: Question, conversation: Conversation, text: str, today: date
) -> Meaning:
    """What the readers of a question make of a text, in their order."""
    language = conversation.language or "en"
    # The numbered lines of a page (`known`) come before its buttons.
    options = list({**_by_id(pending.known), **_by_id(pending.options)}.values())
    ids = tuple(option.id for option in options)
    labels = tuple(_label(wording, conversation, option) for option in options)
    found: Meaning = Unclear()
    for reader in pending.readers:
        found = understand(text, Context(reader, ids, labels), language, today)
        if not isinstance(found, Unclear):
            return found
    return found


def _by_id(options: tuple[Option, ...]) -> dict[str, Option]:
    return {option.id: option for option in options if not option.id.startswith("!")}


def _label(wording: Wording, conversation: Conversation, option: Option) -> str:
    return option.literal or wording.text(option.key, {}, voice(conversation))


def by_intent(name: str | None, conversation: Conversation) -> Meaning:
    """A model's guess, as far as a guess may go."""
    if name in RECORD_INTENTS and conversation.step in ("records", "missing"):
        return Answer(RECORD_INTENTS[name], "documents")
    if not name or name in NEVER_BY_GUESS or name in RECORD_INTENTS:
        return Unclear()
    return Command(ELSEWHERE.get(name, name))
