"""Taps: a row of the pending question, or a command behind a button; an old one is known as old."""

from datetime import datetime

from msgspec.structs import replace

from flows import anytime, handoff, locked, page_order, reading, voice
from flows.conversation import Conversation
from flows.effects import ReadAloud
from flows.messages import Message
from flows.outcome import Outcome
from flows.question import as_say
from flows.said import confirmed
from flows.say import say
from flows.say import voice as speaking
from flows.talks import hear, question


def tapped(before: Conversation, message: Message, now: datetime) -> Outcome:
    """What a tap does."""
    if message.choice.startswith("!"):
        return _command_tap(before, message.choice[1:], now)
    place, _, value = message.choice.partition("=")
    if before.heard and place == f"{before.current}.{voice.PLACE}":
        return confirmed(before, value == "yes", now)
    before = voice.dropped(before)
    if place != f"{before.current}.{before.step}":
        return Outcome(before, [say("again.old_tap")])
    pending = question(before, now.date())
    allowed = {option.id for option in (*pending.options, *pending.known)}
    if value not in allowed:
        return Outcome(before, [say("again.old_tap")])
    return hear(before, "tap", value, now)


def _command_tap(before: Conversation, name: str, now: datetime) -> Outcome:
    name, _, detail = name.partition(":")
    match name:
        case "this_number":
            return this_number(before, now)
        case "ask_experts":
            return anytime.ask_experts(before, now)
        case "callback":
            return handoff.callback(before)
        case "no_password":
            return locked.none(before)
        case "pages":
            return page_order.begin(before)
        case "aloud":
            asked = as_say(question(before, now.date()), before.step)
            read = replace(asked, options=(), voice=speaking(before))
            return Outcome(before, [ReadAloud(read)], ask=False)
        case "more" if detail.isdecimal() and len(detail) < 4:
            page = {**before.detail, "row_page": int(detail)}
            return Outcome(replace(before, detail=page))
    return reading.tapped(before, name, detail) or anytime.obey(before, name, detail, "", now)


def this_number(before: Conversation, now: datetime) -> Outcome:
    """The number that the channel knows, where one is asked for."""
    if before.step != "callback_phone" or not before.phone:
        return Outcome(before, [say("again.phone")])
    return hear(before, "phone", before.phone, now)
