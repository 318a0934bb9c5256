"""A person who comes back after a long silence: welcomed, and asked the same question."""

from datetime import datetime, timedelta

from flows.conversation import Conversation
from flows.effects import Effect
from flows.messages import Message
from flows.say import say
from nlu.meaning import Command, Meaning, Unclear

AWAY = timedelta(days=30)
ALARMS = ("emergency", "crisis")


def welcome(before: Conversation, meaning: Meaning, now: datetime) -> list[Effect]:
    """The line for who was away; none beside an alarm, while a person talks, or after a stop."""
    alarm = isinstance(meaning, Command) and meaning.name in ALARMS
    heard = before.last_heard
    if alarm or before.stopped or before.holder == "agent" or not before.language or not heard:
        return []
    return [say("returning.welcome")] if now - heard >= AWAY else []


def only_hello(message: Message, meaning: Meaning) -> bool:
    """Nothing but a sign of life: no answer is lost when the question just comes again."""
    if message.kind != "text" or message.choice or message.attachments or message.masked:
        return False
    hello = isinstance(meaning, Command) and meaning.name == "greet"
    return (hello or isinstance(meaning, Unclear)) and not message.edited
