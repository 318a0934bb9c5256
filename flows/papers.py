"""Files from the person: where a page belongs, and what became of it."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from flows import big_files, locked, pages, records
from flows.conversation import Case, Conversation, Failed, Paper
from flows.effects import Effect, Key, Line, ReadDocument, SaveDocument, Wake
from flows.messages import Attachment, DocumentKept, Due, Message
from flows.outcome import Outcome
from flows.say import line, say, tap
from flows.steps import steps
from flows.walk import answered, at_case, consented, go_on, put_case, with_case

TRIES = 2
# Pictures of an album come 5 to 15 seconds apart.
BURST, QUIET = timedelta(seconds=20), timedelta(seconds=18)


def receive(conversation: Conversation, message: Message, now: datetime) -> Outcome:
    """Keep the files of a message, or hold them until health details may be kept."""
    if not conversation.cases or not consented(conversation.case):
        held = (*conversation.held_files, *message.attachments)[:20]
        return Outcome(replace(conversation, held_files=held), [say("papers.held")])
    slot = slot_of(conversation, now)
    came = replace(conversation, last_file=now)
    burst = in_burst(conversation, now)
    among = burst or bool(message.album)
    files, quote = message.attachments, message.order
    after, orders = save(came, slot, message.id, files, burst=burst, among=among, quote=quote)
    after = _also_answers(after, slot, now)
    return Outcome(after, orders, ask=after.step != conversation.step)


def in_burst(conversation: Conversation, now: datetime) -> bool:
    """Whether a file that comes now is one of many."""
    last = conversation.last_file
    return last is not None and now - last < BURST


def slot_of(conversation: Conversation, now: datetime) -> str:
    """The checklist document that a file sent now belongs to."""
    step = steps().get(conversation.step)
    if step and step.document:
        return step.document
    return records.asked(conversation, now.date()) or "other_document"


def save(
    before: Conversation,
    slot: str,
    upload: str,
    attachments: tuple[Attachment, ...],
    *,
    burst: bool = False,
    among: bool = False,
    quote: int = 0,
) -> tuple[Conversation, list[Effect]]:
    """The orders that keep these files, each with its place among those sent for the slot."""
    case, many = before.case, len(attachments) > 1
    retake = None if many else _awaited(case, slot, many=burst or among)
    sent = case.sent.get(slot, 0)
    orders: list[Effect] = []
    for number, attachment in enumerate(attachments):
        place, tries = (
            (retake.place, retake.tries) if retake else (sent + number + 1, _worn(case, slot))
        )
        quiet = (burst or many) and not retake
        name = f"{upload}.{number}"
        orders.append(SaveDocument(case.id, slot, name, attachment, tries, place, quiet, quote))
    come = sent if retake else sent + len(attachments)
    return with_case(before, replace(case, sent={**case.sent, slot: come})), orders


def _worn(case: Case, slot: str) -> int:
    """Who keeps failing with many pages is not locked out: every third failure counts as a try."""
    return min(TRIES, sum(each.tries for each in case.failed.get(slot, ())) // 3)


def _awaited(case: Case, slot: str, *, many: bool) -> Failed | None:
    """The page asked for again that comes now: the first one, where nothing else is under way.

    Among many files only what comes next after one that was sent alone.
    """
    sent = case.sent.get(slot, 0)
    failed = (f for f in case.failed.get(slot, ()) if not many or (f.alone and f.place == sent))
    return min(failed, key=lambda each: each.place, default=None)


def _also_answers(conversation: Conversation, slot: str, now: datetime) -> Conversation:
    step = steps().get(conversation.step)
    if not (step and step.document):
        return conversation
    given = {"document": slot}
    return go_on(answered(conversation, step.name, given, now), now.date())


def kept(before: Conversation, update: DocumentKept, now: datetime) -> Outcome:
    """A page was looked at: count it, or ask for it again while the person is here."""
    if not (there := at_case(before, update.case)):
        return Outcome(before, ask=False)
    index = there.current
    before, update = big_files.placed(before, index, update)
    if update.reason == "encrypted":
        return locked.ask(before, update)
    if update.verdict in ("retake", "refused"):
        return _again(before, index, update)
    case, paper = pages.put(before.cases[index], update.slot, _paper(update, now))
    after = locked.opened(put_case(before, index, case), update.document)
    outcome = _acknowledged(after, index, update, paper, now)
    if paper.same_as == paper.document:
        return outcome
    read = ReadDocument(update.case, update.document)
    return replace(outcome, effects=[*outcome.effects, read])


def _paper(update: DocumentKept, now: datetime) -> Paper:
    return Paper(
        update.document, update.mime, update.size, update.pages, update.verdict, now,
        update.measures, view=update.view, likeness=update.likeness, place=update.place,
        about=update.about,
    )  # fmt: skip


def _acknowledged(
    after: Conversation, index: int, update: DocumentKept, paper: Paper, now: datetime
) -> Outcome:
    """A count, at once or when no more files come; what is unusual is said in any case."""
    said = _unusual(after.cases[index], update, paper)
    here = waiting_for(after, index, update.slot)
    if here:
        after = replace(after, detail={"doc": update.slot})
    if update.burst and not said:
        ref = f"{index}:{update.slot}:{_stands(after.cases[index], update.slot)}"
        return Outcome(after, [Wake("pages_here", now + QUIET, ref)], ask=False)
    if here:
        return Outcome(after, said)
    return Outcome(after, [*said, counted(after.cases[index], update.slot)], ask=False)


def _unusual(case: Case, update: DocumentKept, paper: Paper) -> list[Effect]:
    doc = Key(f"doc.{update.slot}")
    if paper.same_as == paper.document:
        return [] if update.burst else [say(line("papers.same", doc=doc), quote=update.quote)]
    if paper.same_as:
        twin = pages.find(case, paper.same_as)
        place = twin[1].place if twin else 1
        option = replace(tap("another"), id=f"!another:{paper.document[:12]}")
        told = line("papers.alike", number=paper.place, other=place)
        return [say(told, options=[option], quote=update.quote)]
    if update.verdict == "accepted_with_flag":
        return [say("papers.flagged", quote=update.quote)]
    return []


def waiting_for(conversation: Conversation, index: int, slot: str) -> bool:
    """Whether just this paper is being collected now, by the bot."""
    asked = conversation.detail.get("doc", "")
    collecting = conversation.step in ("records", "missing") and asked in ("", slot)
    return collecting and conversation.current == index and conversation.holder != "agent"


def counted(case: Case, slot: str) -> Effect:
    """How many pages of a paper are here."""
    return say(pages.here(case, slot), replaces="page")


def _stands(case: Case, slot: str) -> str:
    """How far a paper is: files sent, and kept."""
    return f"{case.sent.get(slot, 0)}/{len(case.papers.get(slot, ()))}"


def pages_here(before: Conversation, update: Due) -> Outcome:
    """No more files came for a while: say how many pages there are; nothing ends by this."""
    index, slot, stood = update.ref.split(":")
    case = before.cases[int(index)] if int(index) < len(before.cases) else None
    if not case or not case.papers.get(slot) or _stands(case, slot) != stood:
        return Outcome(before, ask=False)
    if waiting_for(before, int(index), slot):
        return Outcome(before)
    return Outcome(before, [counted(case, slot)], ask=False)


def _again(before: Conversation, index: int, update: DocumentKept) -> Outcome:
    case = pages.fail(
        before.cases[index], update.slot, update.place, update.likeness, alone=not update.burst
    )
    after = put_case(before, index, case)
    tries = next(f.tries for f in case.failed[update.slot] if f.place == update.place)
    said = say(
        _named(case, update),
        line(f"papers.why.{update.reason or 'unreadable'}"),
        *big_files.around(update),
        options=(tap("human"),) if tries > TRIES else (),
        quote=update.quote,
    )
    # While records are collected this is the question; elsewhere another one stands.
    return Outcome(after, [said], ask=after.step in steps())


def _named(case: Case, update: DocumentKept) -> Line:
    doc = Key(f"doc.{update.slot}")
    if case.sent.get(update.slot, 0) < 2:
        return line("papers.again", doc=doc)
    return line("papers.again_one", doc=doc, number=update.place)
