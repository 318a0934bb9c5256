"""What a person may do at any moment, above every step."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from flows import big_files, home
from flows.conversation import Conversation
from flows.data import LANGUAGES, table
from flows.effects import CallAgent, Day, Effect, EraseData, Option
from flows.numbers import case_number
from flows.outcome import Outcome
from flows.question import Question
from flows.say import line, say, tap
from flows.steps import applies, steps
from flows.walk import answered, aside, at, go_on, returned, with_case
from nlu import field_named

_FIELDS = {
    "name": "patient_name", "age": "age_or_birth", "home": "place", "phone": "callback_phone",
    "sex": "sex", "date": "diagnosis_date", "cancer": "case_type",
}  # fmt: skip
TOLD = ("help", "cost", "time", "privacy", "credentials", "thanks", "greet")


def obey(before: Conversation, name: str, detail: str, words: str, now: datetime) -> Outcome:
    """Carry out a command. `words` is the message that it was found in."""
    if name in TOLD:
        return Outcome(before, [say(f"{name}.text")])
    match name:
        case "emergency" | "crisis":
            return alarm(before, detail, now)
        case "menu":
            return Outcome(at(before, "home")) if before.language else Outcome(before)
        case "back":
            return back(before)
        case "skip":
            return skip(before, now)
        case "why":
            return Outcome(before, [say(_why(before))])
        case "language":
            return language(before, detail)
        case "status":
            return Outcome(before, home.status(before))
        case "human":
            return human(before, "asked")
        case "big_file":
            return big_files.asked(before, now.date())
        case "stop":
            return Outcome(replace(before, stopped=True), [say("stop.text")], ask=False)
        case "delete_data":
            return Outcome(aside(before, "erase"))
        case "medical_advice":
            return _refuse_advice(before, words)
        case "book_followup":
            return _followup(before)
        case "edit":
            return _edit(before, words)
        case "repeat":
            return Outcome(before)
    # A button of a former version: what a person can type is all above.
    return Outcome(before, [say("again.old_tap")])


def alarm(before: Conversation, flag: str, now: datetime) -> Outcome:
    """The static card of a red flag, once in half an hour; the question stays."""
    safety = table("safety")
    card = safety["red_flags"].get(flag, "emergency")
    called = CallAgent(f"red_flag.{flag}", urgent=True)
    shown = before.cards.get(card)
    if shown and now - shown < timedelta(minutes=safety["repeat_minutes"]):
        return Outcome(_queued(before, now), [called], ask=before.holder != "agent")
    after = replace(_queued(before, now), cards={**before.cards, card: now})
    by_bot = before.holder != "agent"
    bubble = say(f"card.{card}.title", f"card.{card}.text", bot=by_bot)
    return Outcome(after, [bubble, called], ask=by_bot)


def _queued(before: Conversation, now: datetime) -> Conversation:
    if before.holder != "bot":
        return before
    return replace(before, holder="queue", waiting_since=now)


def human(before: Conversation, reason: str) -> Outcome:
    """Put the chat into the agents' queue; the bot goes on until somebody comes."""
    if before.holder != "bot":
        return Outcome(before, [say("human.waiting")])
    after = replace(before, holder="queue")
    return Outcome(after, [say("human.called"), CallAgent(reason)])


def back(before: Conversation) -> Outcome:
    """The question before this one; its answer stands until a new one is given."""
    if before.step not in (*steps(), "records", "review", "offered") or not before.trail:
        return Outcome(before, [say("cannot_go_back")])
    earlier = [name for name in before.trail if name != before.step]
    if before.step in before.trail:
        earlier = list(before.trail[: before.trail.index(before.step)])
    if not earlier:
        return Outcome(before, [say("cannot_go_back")])
    return Outcome(at(before, earlier[-1]))


def skip(before: Conversation, now: datetime, how: str = "skipped") -> Outcome:
    """Leave a question open, where the doctors can do without it."""
    step = steps().get(before.step)
    if not step or not step.skip or not applies(step, before.case, now.date()):
        return Outcome(before, [say("cannot_skip")])
    return Outcome(go_on(answered(before, step.name, None, now, how=how), now.date()))


def _why(before: Conversation) -> str:
    return f"why.{before.step}" if before.step in steps() else "why.none"


def language(before: Conversation, code: str) -> Outcome:
    """Change the language at once, or ask which; the pending question stays."""
    if code in LANGUAGES:
        if not before.language:
            return Outcome(before, ask=True)
        return Outcome(replace(before, language=code))
    return Outcome(aside(before, "language"))


def erase_question() -> Question:
    """Is it really to be deleted?"""
    rows = (Option("yes", "button.erase_now"), Option("no", "button.keep_data"))
    return Question((line("ask.erase"),), rows, ("choice", "yesno"))


def erase(before: Conversation, value: object, now: datetime) -> Outcome:
    """Lock everything now, destroy it by the day that the law sets."""
    if value not in ("yes", True):
        return Outcome(returned(before), [say("erase.kept")])
    by = now + timedelta(days=table("service")["retention"]["erase"]["delete_by_days"])
    request = case_number(before.seed, 1_000_000 + len(before.cases))
    cases = tuple(case.id for case in before.cases)
    told = say(line("erase.done", day=Day(by.date().isoformat()), request=request))
    after = Conversation(
        before.id, before.address, before.seed, language=before.language, step="erased", erased=True
    )
    return Outcome(after, [told, EraseData(request, by, cases)], ask=False)


def _refuse_advice(before: Conversation, words: str) -> Outcome:
    refused = say("medical.refused", options=(tap("ask_experts"), tap("human")))
    if not before.cases or before.case.status != "draft":
        return Outcome(before, [say("medical.refused"), CallAgent("medical_question")])
    noted = replace(before, detail={**before.detail, "note": words[:500]})
    return Outcome(noted, [refused], ask=False)


def ask_experts(before: Conversation, now: datetime) -> Outcome:
    """Keep the refused question for the panel."""
    note = str(before.detail.get("note", ""))
    if not note or not before.cases:
        return Outcome(before)
    case = replace(before.case, noted=(*before.case.noted, note))
    detail = {name: value for name, value in before.detail.items() if name != "note"}
    return Outcome(with_case(replace(before, detail=detail), case), [say("medical.kept")])


def _followup(before: Conversation) -> Outcome:
    ready = [case for case in before.cases if case.opinion]
    if not ready:
        return Outcome(before, [say("followup.none")])
    return Outcome(before, [say("followup.asked"), CallAgent("follow_up")])


def _edit(before: Conversation, words: str) -> Outcome:
    """To the answer that is named ('change the name'), or to the list of all."""
    if not before.cases or before.case.status != "draft" or not before.case.answers:
        return Outcome(before)
    named = _FIELDS.get(field_named(words, before.language or "en"), "")
    if named in before.case.answers:
        return Outcome(at(before, named, changing=True))
    return Outcome(at(before, "change"))


def stopped_again(before: Conversation) -> tuple[Conversation, list[Effect]]:
    """Who writes after a stop is welcome back."""
    return replace(before, stopped=False), [say("stop.back")]
