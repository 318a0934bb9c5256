"""Taking the answer to a field of the form: choices, lists, read-back, repeats."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from flows import opening
from flows.answers import Wrong, check
from flows.conversation import Conversation
from flows.effects import CallAgent
from flows.outcome import Outcome
from flows.say import say
from flows.steps import Step, steps
from flows.walk import CONSENTS, answered, at, consented, go_on, with_case


def answer(before: Conversation, kind: str, value: Any, now: datetime) -> Outcome:
    """An answer to the pending field, as nlu or a tap gave it."""
    step = steps()[before.step]
    if "reading" in before.detail:
        return _confirmed(before, step, value, now)
    match step.kind:
        case "choices":
            return _picked(before, step, value, now)
        case "case_type" if value in ("other", "blood") and not _deep(before, value):
            return Outcome(replace(before, detail={**before.detail, "page": value}))
    if step.name == "questions":
        return _question(before, step, value, now)
    if step.name == "treatment_dates":
        return _dates(before, step, value, now)
    return _take(before, step, kind, value, now)


def _deep(before: Conversation, value: str) -> bool:
    return value == "other" and before.detail.get("page") == "other"


def _take(before: Conversation, step: Step, kind: str, value: Any, now: datetime) -> Outcome:
    found = check(step, before.case, kind, value, now.date())
    if isinstance(found, Wrong):
        return Outcome(before, [say(found.key)])
    if step.read_back:
        return Outcome(replace(before, detail={**before.detail, "reading": found}))
    return _settle(before, step, found, now)


def _confirmed(before: Conversation, step: Step, value: Any, now: datetime) -> Outcome:
    if value in ("yes", True):
        return _settle(before, step, before.detail["reading"], now)
    return Outcome(at(before, step.name))


def _settle(before: Conversation, step: Step, value: Any, now: datetime) -> Outcome:
    """Store the answer and go on, or do what a no asks for."""
    after = answered(before, step.name, value, now)
    if step.on_no and value in (False, "no"):
        return _no(before, after, step, now)
    if step.name == "treatments_taken":
        after = _open_dates(after)
    if step.name in CONSENTS and _last_consent(after, now):
        return opening.after_consent(after, now)
    return Outcome(go_on(after, now.date()))


def _last_consent(after: Conversation, now: datetime) -> bool:
    following = go_on(after, now.date()).step
    return consented(after.case) and following not in CONSENTS


def _no(before: Conversation, after: Conversation, step: Step, now: datetime) -> Outcome:
    match step.on_no:
        case "stop_politely":
            return opening.decline(after)
        case "offer_phone_only":
            moved = Outcome(go_on(after, now.date()))
            return replace(moved, effects=[say("consent.noted_call")])
    asked = at(before, step.name)
    queued = replace(asked, holder="queue") if asked.holder == "bot" else asked
    return Outcome(queued, [say("human.needed"), CallAgent(f"no.{step.name}")], ask=False)


def _picked(before: Conversation, step: Step, value: Any, now: datetime) -> Outcome:
    """Collect many; `done` ends, an exclusive choice ends at once."""
    values = [value] if isinstance(value, str) else list(value)
    picked = [*before.detail.get("picked", [])]
    picked += [v for v in values if v in step.options and v not in picked]
    alone = [v for v in picked if v in step.exclusive]
    if alone:
        return _settle(before, step, alone[-1:], now)
    if "done" in values and picked:
        return _settle(before, step, picked, now)
    return Outcome(replace(before, detail={**before.detail, "picked": picked}))


def _open_dates(after: Conversation) -> Conversation:
    case = after.case
    left = {name: given for name, given in case.answers.items() if name != "treatment_dates"}
    return with_case(after, replace(case, answers=left))


def _dates(before: Conversation, step: Step, value: Any, now: datetime) -> Outcome:
    """One text for each treatment that was given."""
    found = check(step, before.case, "free_text", value, now.date())
    if isinstance(found, Wrong):
        return Outcome(before, [say(found.key)])
    dates = {**before.detail.get("dates", {}), _treatment(before): found}
    left = [name for name in _given(before) if name not in dates]
    if not left:
        return _settle(before, step, dates, now)
    return Outcome(at(before, step.name, dates=dates, treatment=left[0]))


def _given(conversation: Conversation) -> list[str]:
    return [name for name in conversation.case.value("treatments_taken") or [] if name != "none"]


def _treatment(conversation: Conversation) -> str:
    return str(conversation.detail.get("treatment") or _given(conversation)[0])


def entered(conversation: Conversation) -> Conversation:
    """Make ready what a step needs to be asked: the treatment whose dates we want."""
    if conversation.step != "treatment_dates" or "treatment" in conversation.detail:
        return conversation
    detail = {**conversation.detail, "treatment": _treatment(conversation)}
    return replace(conversation, detail=detail)


def _question(before: Conversation, step: Step, value: Any, now: datetime) -> Outcome:
    """A question for the experts; several may follow."""
    asked = list(before.detail.get("asked", []))
    if value in ("done", "none", "later") and asked:
        return _settle(before, step, asked, now)
    used = list(before.detail.get("used", []))
    if value in step.suggest:
        return _asked(before, step, f"suggest:{value}", [*used, value], now)
    found = check(step, before.case, "free_text", value, now.date())
    if isinstance(found, Wrong):
        return Outcome(before, [say(found.key)])
    return _asked(before, step, found, used, now)


def _asked(
    before: Conversation, step: Step, question: Any, used: list[str], now: datetime
) -> Outcome:
    asked = [*before.detail.get("asked", []), question]
    if len(asked) >= step.up_to:
        return _settle(before, step, asked, now)
    return Outcome(replace(before, detail={**before.detail, "asked": asked, "used": used}))
