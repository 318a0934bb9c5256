"""The pages of a paper: in which order, which are one page twice, which must come again."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from flows.conversation import Case, Failed, Paper
from flows.effects import Key, Line
from flows.say import line

# Of 512 bits (`bot.sight.likeness`): more than two photos of one page differ by.
ALIKE = 28


def alike(one: str, other: str) -> bool:
    """Whether two photos show the same page."""
    if not one or not other or len(one) != len(other):
        return False
    return (int(one, 16) ^ int(other, 16)).bit_count() <= ALIKE


def counted(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers without what is there twice."""
    return tuple(paper for paper in papers if not paper.same_as)


def count(case: Case, slot: str) -> int:
    """How many pages of a checklist document are here."""
    return sum(paper.pages for paper in counted(case.papers.get(slot, ())))


def is_scan(paper: Paper) -> bool:
    """Whether a file is pictures of a scan, which tell how many they are."""
    return "images" in paper.about


def here(case: Case, slot: str) -> Line:
    """How much of a checklist document is here: its pages, or the pictures of its scans."""
    papers, doc = counted(case.papers.get(slot, ())), Key(f"doc.{slot}")
    if any(map(is_scan, papers)):
        pictures = sum(int(paper.about.get("images", paper.pages)) for paper in papers)
        return line("papers.scans", doc=doc, count=pictures)
    return line("papers.kept", doc=doc, count=count(case, slot))


def find(case: Case, document: str) -> tuple[str, Paper] | None:
    """A kept file by its content hash, or by the beginning of it, and its slot."""
    every = ((slot, paper) for slot, papers in case.papers.items() for paper in papers)
    return next((each for each in every if each[1].document.startswith(document)), None)


def unwaived(case: Case, slot: str) -> Case:
    """The case without a reason for going without a document."""
    return replace(case, waivers={name: why for name, why in case.waivers.items() if name != slot})


def put(case: Case, slot: str, paper: Paper) -> tuple[Case, Paper]:
    """The case with one file more, and the file as it was put: maybe as another one again."""
    case = unwaived(case, slot)
    here = case.papers.get(slot, ())
    if known := next((each for each in here if each.document == paper.document), None):
        return case, replace(known, same_as=known.document)
    before, case = _retaken(case, slot, paper)
    twin = next((p for p in counted(here) if alike(p.likeness, paper.likeness)), None)
    put = replace(paper, place=before or paper.place, same_as=twin.document if twin else "")
    return _with(case, slot, (*here, put)), put


def _retaken(case: Case, slot: str, paper: Paper) -> tuple[int, Case]:
    """The place that a page takes which was asked for again (0: none)."""
    failed = case.failed.get(slot, ())
    found = next((f for f in failed if f.place == paper.place), None)
    found = next((f for f in failed if alike(f.likeness, paper.likeness)), found)
    if not found:
        return 0, case
    left = tuple(each for each in failed if each != found)
    return found.place, replace(case, failed={**case.failed, slot: left})


def fail(case: Case, slot: str, place: int, likeness: str, *, alone: bool = True) -> Case:
    """The case with a page of it to be sent again."""
    failed = case.failed.get(slot, ())
    before = next((each for each in failed if each.place == place), None)
    left = tuple(each for each in failed if each != before)
    again = Failed(place, before.tries + 1 if before else 1, likeness, alone)
    return replace(case, failed={**case.failed, slot: (*left, again)})


def sorted_pages(papers: Iterable[Paper], *, arranged: bool = False) -> tuple[Paper, ...]:
    """In the order of the numbers printed on them, where each has its own; else as sent."""
    known = sorted(papers, key=lambda paper: paper.place)
    numbers = [paper.number for paper in counted(known)]
    if arranged or 0 in numbers or len(set(numbers)) < len(numbers):
        return tuple(known)
    return tuple(sorted(known, key=lambda paper: (paper.number, paper.place)))


def changed(case: Case, slot: str, paper: Paper) -> Case:
    """The case with one file known better."""
    papers = [paper if p.document == paper.document else p for p in case.papers.get(slot, ())]
    return _with(case, slot, papers)


def without(case: Case, slot: str, documents: Sequence[str]) -> Case:
    """The case without some files of a slot."""
    papers = [paper for paper in case.papers.get(slot, ()) if paper.document not in documents]
    return _with(case, slot, papers)


def moved(case: Case, slot: str, to: str, documents: Sequence[str]) -> Case:
    """The case with some files in another slot, behind those that are there."""
    going = [paper for paper in case.papers.get(slot, ()) if paper.document in documents]
    start = case.sent.get(to, 0)
    placed = [replace(paper, place=start + n) for n, paper in enumerate(going, 1)]
    case = without(case, slot, documents)
    case = replace(case, sent={**case.sent, to: start + len(going)})
    return _with(unwaived(case, to), to, (*case.papers.get(to, ()), *placed))


def arranged(case: Case, slot: str, order: Sequence[int]) -> Case:
    """The case with the counted pages of a slot in the order of their numbers (from 1)."""
    here = case.papers.get(slot, ())
    shown = counted(here)
    placed = [replace(shown[number - 1], place=n) for n, number in enumerate(order, 1)]
    rest = [paper for paper in here if paper.same_as]
    case = replace(case, arranged=(*case.arranged, slot))
    return _with(case, slot, (*placed, *rest))


def _with(case: Case, slot: str, papers: Iterable[Paper]) -> Case:
    ordered = sorted_pages(papers, arranged=slot in case.arranged)
    kept = {**case.papers, slot: ordered}
    # A slot whose last page went is a slot that is missing.
    return replace(case, papers={name: each for name, each in kept.items() if each})
