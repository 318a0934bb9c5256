"""What of a chat's cases is new since it was last recorded; pure, so that it can be trusted."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Raw

from flows.conversation import Paper
from storage.record_shape import CaseShape, unpack_papers

Page = tuple[str, Paper]


class Changes(NamedTuple):
    """One case, and what of it must be written. `waived` may hold "" (taken back)."""

    case: CaseShape
    itself: bool
    answers: list[tuple[str, Raw]]
    withdrawn: list[str]
    papers: list[Page]
    gone: list[Page]
    waived: list[tuple[str, str]]

    @property
    def private(self) -> bool:
        """Whether anything of it must be sealed."""
        return bool(self.answers or self.withdrawn or self.waived or self.case.opinion_summary)


def changes(before: tuple[CaseShape, ...], after: tuple[CaseShape, ...]) -> Iterator[Changes]:
    """The cases that changed. Without a `before`, all of them, whole."""
    known = {case.id: case for case in before}
    for case in after:
        old = known.get(case.id)
        if old != case:
            yield _changed(old or CaseShape(case.id, ""), case)


def _changed(old: CaseShape, new: CaseShape) -> Changes:
    had = old.answers
    papers, gone = _pages(old.papers, new.papers) if old.papers != new.papers else ([], [])
    return Changes(
        case=new,
        itself=_plain(old) != _plain(new),
        answers=[(field, given) for field, given in new.answers.items() if had.get(field) != given],
        withdrawn=[field for field in had if field not in new.answers],
        papers=papers,
        gone=gone,
        waived=_waived(old.waivers, new.waivers) if old.waivers != new.waivers else [],
    )


def _pages(old: dict[str, Raw], new: dict[str, Raw]) -> tuple[list[Page], list[Page]]:
    changed, gone = list[Page](), list[Page]()
    for slot in {**old, **new}:
        if old.get(slot) == new.get(slot):
            continue
        had = {paper.document: paper for paper in unpack_papers(old.get(slot))}
        has = {paper.document: paper for paper in unpack_papers(new.get(slot))}
        changed += [(slot, paper) for name, paper in has.items() if had.get(name) != paper]
        gone += [(slot, paper) for name, paper in had.items() if name not in has]
    return changed, gone


def _waived(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str]]:
    slots = {**old, **new}
    return [(slot, new.get(slot, "")) for slot in slots if old.get(slot) != new.get(slot)]


def _plain(case: CaseShape) -> tuple[object, ...]:
    return case.number, case.status, case.submitted_at, case.opinion, case.opinion_summary
