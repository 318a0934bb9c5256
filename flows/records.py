"""Collecting the records: one document at a time, as many pages as it has."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from flows import checklist, page_order
from flows.conversation import Case, Conversation
from flows.effects import Key, Line, Option, TellReview, UploadLink
from flows.outcome import Outcome
from flows.pages import count, here
from flows.question import Question
from flows.say import line, say, tap
from flows.walk import answered, at, go_on, with_case

DONE = Option("done", "button.done")
DONT_HAVE = Option("dont_have", "button.dont_have")
OTHER = Option("other_paper", "button.other_paper")
LIST = Option("list", "button.paper_list")
GO_ON = Option("go_on", "button.go_on")
BIG = tap("big_file")
# Pictures of a scan, which are too big for a chat.
SCANS = "scan_images"


def asked(conversation: Conversation, today: date) -> str:
    """The document that is being asked for; empty when none is."""
    if conversation.step not in ("records", "missing"):
        return ""
    if chosen := conversation.detail.get("doc"):
        return str(chosen)
    left = checklist.missing(conversation.case, today)
    return left[0] if left and conversation.detail.get("mode") != "choose" else ""


def question(conversation: Conversation, today: date) -> Question:
    """The question about the document asked for, in the mode that the talk is in."""
    doc = asked(conversation, today)
    match conversation.detail.get("mode"):
        case "waive":
            return _reasons(conversation.case, doc)
        case "choose":
            return _choose(conversation.case, today)
    return _paper(conversation, doc, today) if doc else _complete(conversation.case)


def _paper(conversation: Conversation, doc: str, today: date) -> Question:
    case = conversation.case
    sent = count(case, doc) > 0
    lines = [line("ask.records.paper", doc=Key(f"doc.{doc}"))]
    if not case.papers and not case.waivers:
        lines.insert(0, line("records.intro"))
    if sent:
        lines = [here(case, doc), line("records.more")]
    elif doc == SCANS:
        lines.append(line("big.link", link=UploadLink(case.id, doc)))
    listed = conversation.detail.get("mode") == "list" and case.papers
    options = (DONE if sent else DONT_HAVE, OTHER, page_order.CHANGE if listed else LIST)
    return Question(tuple(lines), options, ("documents", "choice"), known=(DONE, DONT_HAVE, LIST))


def _reasons(case: Case, doc: str) -> Question:
    rows = tuple(Option(name, f"waiver.{name}") for name in checklist.waivers())
    return Question((line("ask.waiver", doc=Key(f"doc.{doc}")),), rows, ("choice",), as_list=True)


def _choose(case: Case, today: date) -> Question:
    names = [name for name in checklist.needs(case, today) if name != "other_document"]
    extra = [name for name in checklist.proofs(case) if name not in names]
    rows = tuple(Option(name, f"doc.{name}") for name in (*names, *extra, "other_document"))
    return Question((line("ask.which_paper"),), (*rows, BIG), ("choice",), as_list=True)


def _complete(case: Case) -> Question:
    options = (GO_ON, OTHER, *((page_order.CHANGE,) if case.papers else ()))
    lines = (*inventory(case), line("ask.records.complete"))
    return Question(lines, options, ("documents", "choice"))


def inventory(case: Case) -> tuple[Line, ...]:
    """What came in and what is waived, as lines."""
    lines = []
    if have := [Key(f"doc.{name}") for name, papers in case.papers.items() if papers]:
        lines.append(line("records.have", docs=have))
    return (*lines, *waived(case))


def waived(case: Case) -> tuple[Line, ...]:
    """What goes without, and why, as lines."""
    return tuple(
        line("records.waived", doc=Key(f"doc.{name}"), reason=Key(f"waiver.{reason}"))
        for name, reason in case.waivers.items()
    )


def answer(conversation: Conversation, value: Any, now: datetime) -> Outcome:
    """What a tap or word about the records does."""
    doc = asked(conversation, now.date())
    match conversation.detail.get("mode"):
        case "waive":
            return Outcome(_waive(conversation, doc, value, now))
        case "choose":
            return Outcome(at(conversation, conversation.step, doc=value))
    match value:
        case "done" | "go_on":
            return _finish(conversation, doc, now)
        case "none" | "dont_have" if doc:
            return Outcome(replace(conversation, detail={"doc": doc, "mode": "waive"}))
        case "later" if doc:
            return Outcome(_waive(conversation, doc, "send_later", now))
        case "other_paper":
            return Outcome(replace(conversation, detail={"mode": "choose"}))
        case "list":
            listed = replace(conversation, detail={**conversation.detail, "mode": "list"})
            return Outcome(listed, [say(*still_missing(conversation.case, now.date()))])
    return _finish(conversation, doc, now)


def _finish(conversation: Conversation, doc: str, now: datetime) -> Outcome:
    if doc and not conversation.case.papers.get(doc):
        return Outcome(conversation, [say("records.nothing_yet")])
    if (failed := conversation.case.failed.get(doc)) and "told" not in conversation.detail:
        numbers = ", ".join(str(place) for place in sorted(each.place for each in failed))
        told = replace(conversation, detail={**conversation.detail, "told": True})
        return Outcome(told, [say(line("records.failed", doc=Key(f"doc.{doc}"), pages=numbers))])
    case = conversation.case
    conversation = with_case(conversation, replace(case, failed={**case.failed, doc: ()}))
    seen = page_order.shown(conversation.case, doc)
    if conversation.step == "missing":
        outcome = _passed_on(conversation, doc)
        return replace(outcome, effects=[*seen, *outcome.effects])
    if doc:
        return Outcome(at(conversation, "records"), seen)
    return Outcome(go_on(answered(conversation, "records", "done", now), now.date()))


def _passed_on(conversation: Conversation, doc: str) -> Outcome:
    """A paper for a case that was already sent goes after it."""
    case = conversation.case
    if not doc:
        return Outcome(go_home(conversation))
    left = tuple(name for name in case.wanted if name != doc)
    after = with_case(conversation, replace(case, wanted=left))
    told = TellReview(case.id, "document", {"slot": doc})
    return Outcome(go_home(after), [say("records.thanks"), told])


def _waive(conversation: Conversation, doc: str, reason: str, now: datetime) -> Conversation:
    case = conversation.case
    changed = with_case(conversation, replace(case, waivers={**case.waivers, doc: reason}))
    return go_home(changed) if conversation.step == "missing" else at(changed, "records")


def go_home(conversation: Conversation) -> Conversation:
    """A paper that was asked for later is settled."""
    return at(conversation, "home")


def still_missing(case: Case, today: date) -> tuple[Line, ...]:
    """What was received and what is still missing, as lines."""
    left = [Key(f"doc.{name}") for name in checklist.missing(case, today)]
    missing = (line("records.missing", docs=left),) if left else (line("records.all_here"),)
    return (*(here(case, name) for name in case.papers), *waived(case), *missing)
