"""The decision: a conversation, an update and its meaning in; state and effects out."""

from datetime import datetime
from typing import assert_never

from msgspec import convert
from msgspec.structs import replace

from flows import (
    anytime,
    handoff,
    news,
    opening,
    papers,
    reading,
    returning,
    switch,
    voice,
)
from flows.conversation import Conversation
from flows.effects import Effect, Say
from flows.fields import entered
from flows.messages import (
    AgentLeft,
    AgentTook,
    AgentWrote,
    Blocked,
    CaseNews,
    CaseSent,
    DocumentKept,
    DocumentRead,
    Due,
    Message,
    Receipt,
    Spoken,
    Update,
)
from flows.order import in_one_row, is_unseen
from flows.outcome import Outcome
from flows.question import as_say
from flows.said import UNUSABLE, understood
from flows.say import say, spoken
from flows.talks import question
from flows.tapped import tapped, this_number
from nlu.meaning import Command, Meaning


def decide(
    before: Conversation, update: Update, meaning: Meaning, now: datetime
) -> tuple[Conversation, list[Effect]]:
    """What one update does. `now` is in India's time; `meaning` is of a Message's text.

    The pending question follows in the same bubble wherever the person is to go on.
    """
    outcome = _decide(before, update, meaning, now)
    after = entered(outcome.conversation)
    effects = list(outcome.effects)
    if outcome.ask and not _quiet(after):
        effects.append(_asking(after, effects, now))
        after = _noticed(after)
    return after, spoken(after, effects, reply=isinstance(update, Message | DocumentKept | Spoken))


def _decide(before: Conversation, update: Update, meaning: Meaning, now: datetime) -> Outcome:
    match update:
        case Message():
            return _message(before, update, meaning, now)
        case DocumentKept():
            return papers.kept(before, update, now)
        case DocumentRead():
            return reading.read(before, update)
        case Spoken():
            return _spoken(before, update, meaning, now)
        case CaseSent():
            return news.sent(before, update)
        case CaseNews():
            return news.told(before, update, now)
        case AgentTook():
            return handoff.took(before, update)
        case AgentWrote():
            return handoff.wrote(before, update)
        case AgentLeft():
            return handoff.left(before, update)
        case Due():
            return _due(before, update, now)
        case Blocked():
            return Outcome(replace(before, blocked=update.blocked), ask=False)
        case Receipt():
            return Outcome(before, ask=False)
        case _ as never:
            assert_never(never)


def _quiet(conversation: Conversation) -> bool:
    return conversation.holder == "agent" or conversation.stopped or conversation.blocked


def _asking(after: Conversation, said: list[Effect], now: datetime) -> Say:
    page = int(after.detail.get("row_page", 0))
    # A bare question is overtaken by the next one: an album gets one answer, not twelve.
    tag = "" if any(isinstance(effect, Say) for effect in said) else "question"
    place = voice.PLACE if after.heard else after.step
    asked = as_say(question(after, now.date()), place, page, replaces=tag)
    asked = voice.with_speaker(after, asked)
    if after.step == "review" and after.misses:
        asked = replace(asked, lines=asked.lines[-1:])
    if after.step == "consent_data" and "noticed" not in after.detail:
        return replace(asked, lines=(*opening.notice(), *asked.lines))
    return asked


def _noticed(after: Conversation) -> Conversation:
    """The notice was shown; asking again shows the question alone."""
    if after.step != "consent_data":
        return after
    return replace(after, detail={**after.detail, "noticed": True})


def _due(before: Conversation, update: Due, now: datetime) -> Outcome:
    if update.what == "unsaid":
        waiting = (*before.unsaid, *convert(update.detail["says"], list[Say]))
        return Outcome(replace(before, unsaid=waiting), ask=False)
    if update.what == "too_fast":
        return Outcome(before, [say("again.too_fast")])
    if update.what == "case_waits":
        return news.waits(before, update)
    if update.what == "pages_here":
        return papers.pages_here(before, update)
    return handoff.due(before, update, now)


def _message(before: Conversation, message: Message, meaning: Meaning, now: datetime) -> Outcome:
    message = replace(message, unseen=is_unseen(before, message))
    heard = opening.guessed(_heard(before, message, now), message)
    welcome: list[Effect] = list(before.unsaid)
    if before.stopped:
        heard, said = anytime.stopped_again(heard)
        welcome += said
    if back := returning.welcome(before, meaning, now):
        welcome += back
        if returning.only_hello(message, meaning):
            return Outcome(heard, welcome)
    outcome = _offering(_react(heard, message, meaning, now), heard, message)
    return replace(outcome, effects=[*welcome, *outcome.effects]) if welcome else outcome


def _offering(outcome: Outcome, heard: Conversation, message: Message) -> Outcome:
    """Who writes in another language is offered it, beside whatever else is said."""
    if _quiet(outcome.conversation) or outcome.conversation.language != heard.language:
        return outcome
    after, said = switch.offer(outcome.conversation, switch.likelier(heard, message))
    return replace(outcome, conversation=after, effects=[*outcome.effects, *said])


def _heard(before: Conversation, message: Message, now: datetime) -> Conversation:
    """What every message tells, whatever it says."""
    return replace(
        before,
        address=message.sender,
        profile_name=before.profile_name or message.profile_name,
        phone=message.phone or before.phone,
        last_heard=now,
        blocked=False,
        unsaid=(),
        order=max(before.order, message.order),
        one_row=in_one_row(before, message),
        readable=message.readable,
        # Words or a tap between two files: the second begins anew.
        last_file=before.last_file if message.attachments else None,
    )


def _react(before: Conversation, message: Message, meaning: Meaning, now: datetime) -> Outcome:
    """Alarms first, then who holds the chat, then files, taps, words."""
    if voice.is_alarm(meaning):
        return anytime.alarm(before, meaning.detail, now)
    if before.holder == "agent":
        return _beside_agent(before, message, meaning, now)
    if message.masked:
        return Outcome(before, [say("say.never_collect")])
    if message.edited:
        return Outcome(before, [say("again.edited")])
    if message.attachments and message.kind not in UNUSABLE:
        return papers.receive(before, message, now)
    if message.choice:
        return tapped(before, message, now)
    if message.phone and message.kind == "contact" and before.step == "callback_phone":
        return this_number(before, now)
    return understood(before, message, meaning, now)


def _spoken(before: Conversation, update: Spoken, meaning: Meaning, now: datetime) -> Outcome:
    """What a voice note said: danger at once, the rest after a yes."""
    outcome = voice.spoken(before, update, meaning)
    if not voice.is_alarm(meaning):
        return outcome
    return anytime.alarm(voice.dropped(outcome.conversation), meaning.detail, now)


def _beside_agent(
    before: Conversation, message: Message, meaning: Meaning, now: datetime
) -> Outcome:
    """While a person talks, the bot keeps files and obeys only stop and erase."""
    if message.attachments and message.kind not in UNUSABLE:
        return replace(papers.receive(before, message, now), ask=False)
    if voice.is_voice(before, message):
        return Outcome(before, voice.orders(before, message), ask=False)
    if isinstance(meaning, Command) and meaning.name == "stop":
        return anytime.obey(before, meaning.name, meaning.detail, "", now)
    return Outcome(before, ask=False)
