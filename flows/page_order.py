"""The pages of one paper as we see them: shown, put in order, taken out."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from flows import pages
from flows.conversation import Case, Conversation, Paper
from flows.data import table
from flows.effects import Effect, Key, Option
from flows.outcome import Outcome
from flows.question import Question
from flows.say import line, say
from flows.walk import aside, returned, with_case

CHANGE = Option("!pages", "button.change_pages")
RIGHT = Option("right", "button.pages_right")
REMOVE = Option("remove", "button.page_remove")
MOST_SHOWN = 12


def shown(case: Case, slot: str) -> list[Effect]:
    """The photographed pages, and what scans show, in one picture."""
    papers = _pictures(case, slot)
    if not papers:
        return []
    sheet = tuple(paper.view or paper.document for paper in papers[:MOST_SHOWN])
    return [say(line("pages.seen", doc=Key(f"doc.{slot}")), sheet=sheet, case=case.id)]


def _pictures(case: Case, slot: str) -> list[Paper]:
    photos = table("checklist")["forms"]["photo"]["mime"]
    papers = pages.counted(case.papers.get(slot, ()))
    return [p for p in papers if p.mime in photos or (p.view and pages.is_scan(p))]


def begin(before: Conversation) -> Outcome:
    """Step aside to change the pages of a paper."""
    if not before.cases or not before.case.papers or before.step == "pages":
        return Outcome(before, [say("again.old_tap")])
    slots = tuple(before.case.papers)
    if len(slots) > 1:
        return Outcome(aside(before, "pages"))
    return Outcome(aside(before, "pages", slot=slots[0]), shown(before.case, slots[0]))


def question(conversation: Conversation) -> Question:
    """Of which paper; then which order, or which page to take out."""
    if not (slot := str(conversation.detail.get("slot", ""))):
        rows = tuple(Option(name, f"doc.{name}") for name in conversation.case.papers)
        return Question((line("ask.which_paper"),), (*rows, RIGHT), ("choice",), as_list=True)
    count, doc = _count(conversation.case, slot), Key(f"doc.{slot}")
    if conversation.detail.get("mode") == "remove":
        rows = tuple(Option(str(n), literal=str(n)) for n in range(1, count + 1))
        return Question((line("ask.page_remove", doc=doc),), (*rows, RIGHT), ("choice",))
    key = "ask.pages" if count > 1 else "ask.page"
    return Question((line(key, doc=doc),), (RIGHT, REMOVE), ("choice", "free_text"))


def _count(case: Case, slot: str) -> int:
    return len(pages.counted(case.papers.get(slot, ())))


def answer(before: Conversation, value: Any) -> Outcome:
    """Back, one page fewer, or the order that was typed."""
    slot = str(before.detail.get("slot", ""))
    if value == "right":
        return Outcome(returned(before))
    if not slot:
        after = replace(before, detail={**before.detail, "slot": value})
        return Outcome(after, shown(before.case, value))
    if value == "remove":
        return Outcome(replace(before, detail={**before.detail, "mode": "remove"}))
    if before.detail.get("mode") == "remove":
        return _removed(before, slot, int(value))
    order = numbers_in(value["text"] if isinstance(value, dict) else str(value))
    count = _count(before.case, slot)
    if sorted(order) != list(range(1, count + 1)):
        return Outcome(before, [say(line("again.pages", count=count))])
    return _changed(before, pages.arranged(before.case, slot, order), slot)


def _removed(before: Conversation, slot: str, number: int) -> Outcome:
    paper = pages.counted(before.case.papers[slot])[number - 1]
    twins = [p.document for p in before.case.papers[slot] if p.same_as == paper.document]
    return _changed(before, pages.without(before.case, slot, [paper.document, *twins]), slot)


def _changed(before: Conversation, case: Case, slot: str) -> Outcome:
    detail = {name: value for name, value in before.detail.items() if name != "mode"}
    after = with_case(replace(before, detail=detail, misses=0), case)
    if not case.papers.get(slot):
        return Outcome(returned(after))
    return Outcome(after, shown(case, slot))


def numbers_in(text: str) -> Sequence[int]:
    """The whole numbers of a text, in digits of any script."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
    words = "".join(sign if sign.isdecimal() else " " for sign in plain).split()
    # "312" for nine pages or fewer is 3 1 2.
    if len(words) == 1 and len(words[0]) > 1 and len(set(words[0])) == len(words[0]) <= 9:
        words = list(words[0])
    return [int(word) for word in words[:200] if len(word) < 4]
