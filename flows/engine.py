"""The decision: a conversation, an update and its meaning in; state and effects out."""

from datetime import datetime
from typing import assert_never

from msgspec import convert
from msgspec.structs import replace

from flows import (
    anytime,
    asides,
    handoff,
    locked,
    news,
    opening,
    page_order,
    papers,
    reading,
    returning,
    switch,
    versions,
    voice,
)
from flows.conversation import Conversation, Heard
from flows.data import LANGUAGES
from flows.effects import Effect, ReadAloud, Say
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
from flows.order import in_one_row, is_late, is_unseen
from flows.outcome import Outcome
from flows.question import as_say
from flows.say import say, spoken
from flows.say import voice as speaking
from flows.steps import steps
from flows.talks import hear, question
from flows.walk import CONSENTS
from nlu.meaning import Answer, Command, Guess, Meaning, Unclear

MISSES = 2
LONGEST = 4000
UNUSABLE = ("voice", "video", "audio", "sticker", "location", "contact")


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
        return _tapped(before, message, now)
    if message.phone and message.kind == "contact" and before.step == "callback_phone":
        return _this_number(before, now)
    return _said(before, message, meaning, now)


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


def _tapped(before: Conversation, message: Message, now: datetime) -> Outcome:
    """A tap: a command, or a row of the pending question; an old one is known as old."""
    if message.choice.startswith("!"):
        return _command_tap(before, message.choice[1:], now)
    place, _, value = message.choice.partition("=")
    if before.heard and place == f"{before.current}.{voice.PLACE}":
        return _confirmed(before, value == "yes", now)
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
            return _this_number(before, now)
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


def _this_number(before: Conversation, now: datetime) -> Outcome:
    if before.step != "callback_phone" or not before.phone:
        return Outcome(before, [say("again.phone")])
    return hear(before, "phone", before.phone, now)


def _said(before: Conversation, message: Message, meaning: Meaning, now: datetime) -> Outcome:
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
            return _confirmed(before, value == "yes", now)
        case Answer(value, kind):
            here = voice.dropped(before)
            return asides.told_too(here, hear(here, kind, value, now), message, now)
        case Guess(answer):
            return Outcome(replace(before, heard=Heard(answer)))
        case Unclear():
            return _unclear(before, message)


def _confirmed(before: Conversation, yes: bool, now: datetime) -> Outcome:
    """Whether what was heard is right; then it counts as if it had been typed."""
    if said := voice.confirmed(before, yes):
        return _said(*said, now)
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
