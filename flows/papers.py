"""Files from the person: where a page belongs, and what became of it."""

from datetime import datetime

from msgspec.structs import replace

from flows import big_files, records
from flows.conversation import Case, Conversation, Paper
from flows.effects import Effect, Key, SaveDocument
from flows.messages import Attachment, DocumentKept, Message
from flows.outcome import Outcome
from flows.say import line, say, tap
from flows.steps import steps
from flows.walk import answered, consented, go_on, with_case

TRIES = 2


def receive(conversation: Conversation, message: Message, now: datetime) -> Outcome:
    """Keep the files of a message, or hold them until health details may be kept."""
    if not conversation.cases or not consented(conversation.case):
        held = (*conversation.held_files, *message.attachments)[:20]
        return Outcome(replace(conversation, held_files=held), [say("papers.held")])
    slot = slot_of(conversation, now)
    orders = save(conversation.case, slot, message.id, message.attachments)
    after = _also_answers(conversation, slot, now)
    return Outcome(after, orders, ask=after.step != conversation.step)


def slot_of(conversation: Conversation, now: datetime) -> str:
    """The checklist document that a file sent now belongs to."""
    step = steps().get(conversation.step)
    if step and step.document:
        return step.document
    return records.asked(conversation, now.date()) or "other_document"


def save(case: Case, slot: str, upload: str, attachments: tuple[Attachment, ...]) -> list[Effect]:
    """The orders that keep these files."""
    tries = case.tries.get(slot, 0)
    return [
        SaveDocument(case.id, slot, f"{upload}.{number}", attachment, tries)
        for number, attachment in enumerate(attachments)
    ]


def _also_answers(conversation: Conversation, slot: str, now: datetime) -> Conversation:
    step = steps().get(conversation.step)
    if not (step and step.document):
        return conversation
    given = {"document": slot}
    return go_on(answered(conversation, step.name, given, now), now.date())


def kept(before: Conversation, update: DocumentKept, now: datetime) -> Outcome:
    """A page was looked at: count it, or ask for it again while the person is here."""
    index = next((i for i, case in enumerate(before.cases) if case.id == update.case), None)
    if index is None:
        return Outcome(before, ask=False)
    case = before.cases[index]
    update = replace(update, slot=big_files.slot_of(update))
    if update.verdict in ("retake", "refused"):
        return _again(before, index, case, update)
    paper = Paper(
        update.document,
        update.mime,
        update.size,
        update.pages,
        update.verdict,
        now,
        update.measures,
        about=update.about,
    )
    pages = tuple(p for p in case.papers.get(update.slot, ()) if p.document != paper.document)
    waivers = {name: why for name, why in case.waivers.items() if name != update.slot}
    papers = {**case.papers, update.slot: (*pages, paper)}
    after = _put(before, index, replace(case, papers=papers, waivers=waivers))
    return _acknowledged(after, index, update)


def _put(conversation: Conversation, index: int, case: Case) -> Conversation:
    changed = with_case(replace(conversation, current=index), case)
    return replace(changed, current=conversation.current)


def _acknowledged(after: Conversation, index: int, update: DocumentKept) -> Outcome:
    doc = Key(f"doc.{update.slot}")
    pages = sum(paper.pages for paper in after.cases[index].papers[update.slot])
    waiting = after.step in ("records", "missing") and after.detail.get("doc", "") in (
        "",
        update.slot,
    )
    if waiting and after.holder != "agent":
        after = replace(after, detail={"doc": update.slot})
        return Outcome(after)
    said = say(line("papers.kept", doc=doc, count=pages), replaces="page")
    return Outcome(after, [said], ask=False)


def _again(before: Conversation, index: int, case: Case, update: DocumentKept) -> Outcome:
    tries = {**case.tries, update.slot: case.tries.get(update.slot, 0) + 1}
    after = _put(before, index, replace(case, tries=tries))
    doc = Key(f"doc.{update.slot}")
    said = say(
        line("papers.again", doc=doc),
        line(f"papers.why.{update.reason or 'unreadable'}"),
        *big_files.around(update),
        options=(tap("human"),) if tries[update.slot] > TRIES else (),
    )
    # While records are collected this is the question; elsewhere another one stands.
    return Outcome(after, [said], ask=after.step in steps())
