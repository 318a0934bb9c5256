"""News from the review backend, told in the person's language, to the right case."""

from datetime import datetime

from msgspec.structs import replace

from flows import home
from flows.conversation import Case, Conversation
from flows.data import table
from flows.effects import CallAgent, Effect, Key, Say
from flows.messages import CaseNews, CaseSent, Due
from flows.outcome import Outcome
from flows.say import line, say
from flows.walk import at, at_case, with_case

FINAL = ("opinion_ready", "talk_booked", "closed")


def statuses() -> tuple[str, ...]:
    """The seven words that a person is told."""
    return tuple(entry["id"] for entry in table("service")["statuses"])


def sent(before: Conversation, update: CaseSent) -> Outcome:
    """The backend has the case: the status moves, and the person is told once."""
    there = at_case(before, update.case)
    if not there or there.case.status != "submitting":
        return Outcome(before, ask=False)
    after = with_case(there, replace(there.case, status="received"))
    told = say(line("news.received", number=there.case.number))
    return Outcome(replace(after, current=before.current), [told], ask=False)


def waits(before: Conversation, update: Due) -> Outcome:
    """The backend cannot be reached: the person is told that nothing is lost."""
    there = at_case(before, update.ref)
    if not there or there.case.status != "submitting" or before.stopped:
        return Outcome(before, ask=False)
    return Outcome(before, [say(line("submit.waits", number=there.case.number))], ask=False)


def told(before: Conversation, update: CaseNews, now: datetime) -> Outcome:
    """Take the news into the case and tell it; a talk in progress is not disturbed."""
    there = at_case(before, update.case)
    if not there or before.erased:
        return Outcome(before, ask=False)
    after, effects = _take(there, update)
    if before.stopped or there.case.value("consent_chat") is False:
        effects = [CallAgent("call_person")] if effects else []
    elsewhere = after.step == before.step and before.current != after.current
    if elsewhere or not _idle(before):
        after = replace(after, current=before.current, step=before.step, detail=before.detail)
    # A further time to choose from is asked about anew: the list has grown.
    asks = update.what == after.step
    return Outcome(after, effects, ask=asks and not before.stopped)


def _idle(conversation: Conversation) -> bool:
    return conversation.step in ("home", "missing", "slot")


def _take(there: Conversation, update: CaseNews) -> tuple[Conversation, list[Effect]]:
    case, detail = there.case, update.detail
    match update.what:
        case "status" if "refused" in detail:
            # The bot never announces a refusal: a person writes first.
            return there, [CallAgent("review_refused")]
        case "status":
            return _status(there, detail.get("status", ""))
        case "missing":
            return _missing(there, detail)
        case "opinion":
            summary = detail.get("summary", "")
            ready = replace(
                case, status="opinion_ready", opinion=detail["document"], opinion_summary=summary
            )
            return with_case(there, ready), [home.opinion(ready)]
        case "slot":
            return _slot(there, detail)
        case "talk":
            return _talk(there, detail)
    return there, []


def _status(there: Conversation, status: str) -> tuple[Conversation, list[Effect]]:
    case = there.case
    if status not in statuses() or status == case.status:
        return there, []
    after = with_case(there, replace(case, status=status))
    # The opinion itself is the news; a person writes first when a case was refused.
    if status == "opinion_ready":
        return after, []
    return after, [_news(case, line(f"status.{status}.line"))]


def _news(case: Case, *lines: object) -> Say:
    return say(
        line("news.head", number=case.number),
        *lines,  # type: ignore[arg-type]
        template="status_changed",
        template_params={"1": home.addressee(case), "2": case.number},
    )


def _missing(there: Conversation, detail: dict[str, str]) -> tuple[Conversation, list[Effect]]:
    case, doc = there.case, detail["document"]
    wanted = (*[name for name in case.wanted if name != doc], doc)
    changed = replace(case, wanted=wanted, status="documents_missing")
    note = [line("news.note", note=detail["note"])] if detail.get("note") else []
    told = replace(
        _news(case, line("news.missing", doc=Key(f"doc.{doc}")), *note), template="paper_missing"
    )
    return at(with_case(there, changed), "missing", doc=doc), [told]


def _slot(there: Conversation, detail: dict[str, str]) -> tuple[Conversation, list[Effect]]:
    slot = {"id": detail["slot"], "label": detail.get("label", detail.get("start", ""))}
    known = there.detail.get("slots", []) if there.step == "slot" else []
    after = at(there, "slot", slots=[*[s for s in known if s["id"] != slot["id"]], slot])
    return after, []


def _talk(there: Conversation, detail: dict[str, str]) -> tuple[Conversation, list[Effect]]:
    time = detail.get("label", detail.get("start", ""))
    case = replace(there.case, talk=time, status="talk_booked")
    link = [line("talk.link", link=detail["link"])] if detail.get("link") else []
    return with_case(there, case), [_news(case, line("talk.booked", time=time), *link)]
