"""What a machine read on a page: kept, and suggested to the person; never decided for them."""

from collections.abc import Sequence

from msgspec.structs import replace

from flows import checklist, pages
from flows.conversation import Case, Conversation, Paper
from flows.effects import Effect, Key, Line, Option, TellReview
from flows.messages import DocumentRead
from flows.outcome import Outcome
from flows.say import line, say
from flows.walk import at_case, put_case
from nlu.report.same import same_person

# Sure enough to ask about a paper that was sent unasked; and about one that was asked for.
UNASKED, ASKED = 0.7, 0.85


def read(before: Conversation, update: DocumentRead) -> Outcome:
    """Keep what was read of a page; ask once where it does not fit."""
    there = at_case(before, update.case)
    found = pages.find(there.case, update.document) if there else None
    if not there or not found:
        return Outcome(before, ask=False)
    case, (slot, paper) = there.case, found
    known = replace(
        paper, view=update.view or paper.view, text=update.text, dated=update.dated,
        number=update.number, kind=update.kind if update.sure >= UNASKED else "",
    )  # fmt: skip
    case, asked = _asked(pages.changed(case, slot, known), slot, known, update)
    after = put_case(before, there.current, case)
    if case.status != "draft":
        # What the experts have, or will have in a moment, is made again with what was read.
        told = TellReview(case.id, "read", {"document": update.document})
        return Outcome(after, [told], ask=False)
    return Outcome(after, [] if before.holder == "agent" else asked, ask=False)


def _asked(case: Case, slot: str, paper: Paper, update: DocumentRead) -> tuple[Case, list[Effect]]:
    """The one thing to be asked about a page, and the case that remembers it."""
    if (about := _of_another(case, update)) and about not in case.suggested:
        return _suggested(case, about), [_whose(case, paper, update)]
    about = f"{slot}>{update.kind}"
    if _elsewhere(slot, paper, update) and about not in case.suggested:
        return _suggested(case, about), [_where(slot, paper, update.kind)]
    return case, []


def _suggested(case: Case, about: str) -> Case:
    return replace(case, suggested=(*case.suggested, about))


def _of_another(case: Case, update: DocumentRead) -> str:
    """What to remember where the name on a page is surely not the patient's."""
    told = str(case.value("patient_name") or "")
    if not told or not update.patient or same_person(update.patient, told) != "no":
        return ""
    return f"name:{update.patient.casefold()}"


def _whose(case: Case, paper: Paper, update: DocumentRead) -> Effect:
    told = str(case.value("patient_name"))
    options = (
        _tap("theirs", paper, "button.theirs"),
        _tap("not_theirs", paper, "button.not_theirs"),
    )
    return say(line("papers.whose", printed=update.patient, name=told), options=options)


def _elsewhere(slot: str, paper: Paper, update: DocumentRead) -> bool:
    """Whether a page surely is another document than the one it was sent as."""
    if not update.kind or update.kind == slot or paper.number > 1:
        return False
    return update.sure >= (UNASKED if slot == "other_document" else ASKED)


def _where(slot: str, paper: Paper, kind: str) -> Effect:
    looks = Key(f"doc.{kind}")
    options = (
        replace(_tap("move", paper, f"doc.{kind}"), id=f"!move:{paper.document[:12]}:{kind}"),
        _tap("stay", paper, f"doc.{slot}"),
    )
    return say(line("papers.looks_like", doc=looks), options=options)


def _tap(name: str, paper: Paper, key: str) -> Option:
    return Option(f"!{name}:{paper.document[:12]}", key)


def tapped(before: Conversation, name: str, detail: str) -> Outcome | None:
    """A tap on one of these questions, or None for another tap."""
    document, _, to = detail.partition(":")
    found = _found(before, document)
    if name not in ("another", "move", "stay", "theirs", "not_theirs"):
        return None
    if not found:
        return Outcome(before, [say("again.old_tap")])
    index, slot, paper = found
    case = before.cases[index]
    match name:
        case "another":
            case = pages.changed(case, slot, replace(paper, same_as=""))
            told = pages.here(case, slot)
            return _settled(before, index, case, (told,))
        case "move" if to in checklist.documents() and to != slot:
            case = pages.moved(case, slot, to, together(case, slot, paper, to))
            return _moved(before, index, case, to)
        case "not_theirs":
            case = pages.without(case, slot, [paper.document])
            return _settled(before, index, case, (line("papers.taken_out"),))
        case "stay":
            # Whoever binds it need not wonder any more.
            case = pages.changed(case, slot, replace(paper, kind=slot))
            before = put_case(before, index, case)
    return Outcome(before, [say("papers.stays")])


def together(case: Case, slot: str, paper: Paper, kind: str) -> Sequence[str]:
    """The page and those behind it that no machine took for something else."""
    papers = case.papers[slot]
    behind = papers[papers.index(paper) :]
    return [p.document for p in behind if p == paper or p.kind in ("", kind)]


def _found(before: Conversation, document: str) -> tuple[int, str, Paper] | None:
    for index, case in enumerate(before.cases):
        if document and (found := pages.find(case, document)):
            return index, *found
    return None


def _moved(before: Conversation, index: int, case: Case, to: str) -> Outcome:
    told = pages.here(case, to)
    outcome = _settled(before, index, case, (told,))
    if case.status == "draft":
        return outcome
    news = TellReview(case.id, "document", {"slot": to})
    return replace(outcome, effects=[*outcome.effects, news])


def _settled(before: Conversation, index: int, case: Case, lines: Sequence[Line]) -> Outcome:
    after = put_case(before, index, case)
    return Outcome(after, [say(*lines)])
