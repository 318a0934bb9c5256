"""One document of a case, its files bound in their order."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from bot.review import terms
from bot.review.binding.fetch import MOST, Bench, left_out, sheet_of
from bot.review.binding.sheet import Counted, Part, Sheet, documents
from bot.workshop.shop import Lost
from flows.conversation import Case, Paper
from flows.pages import counted
from nlu.report.page import Text


@dataclass(frozen=True)
class Slot:
    """A bound document; `sheets` have their bytes, `papers` are the originals in it."""

    name: str
    papers: tuple[Paper, ...]
    sheets: tuple[Sheet, ...]
    pages: tuple[int, ...]
    pdf: bytes

    @property
    def part(self) -> Part:
        """What the dossier needs to know of it."""
        bare = tuple(replace(one, data=b"", text=Text()) for one in self.sheets)
        return Part(terms.word("papers", self.name), bare, self.pages)

    @property
    def combined(self) -> bool:
        """Whether its PDF is more than one of its files: of several, or of a photo."""
        several = len(self.papers) > 1 or any(sheet.photographed for sheet in self.sheets)
        return bool(self.pdf) and several

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The originals whose pages are in it."""
        both = zip(self.papers, self.pages, strict=True)
        return tuple((self.name, paper.document) for paper, pages in both if pages)


def light(slot: Slot) -> Slot:
    """Without the bytes of its files."""
    sheets = tuple(replace(sheet, data=b"", text=Text()) for sheet in slot.sheets)
    return dataclasses.replace(slot, sheets=sheets)


def listed(slot: Slot) -> Slot:
    """Without its pages: the dossier has no room for them."""
    sheets = tuple(left_out(sheet, "apart") for sheet in slot.sheets)
    return dataclasses.replace(slot, sheets=sheets, pages=(0,) * len(sheets), pdf=b"")


def slots(case: Case) -> list[str]:
    """The documents that were sent, in the checklist's order."""
    order = {name: place for place, name in enumerate(terms.words("papers"))}
    return sorted(case.papers, key=lambda slot: order.get(slot, len(order)))


async def bind_slot(app: Bench, case: Case, name: str) -> Slot:
    """One document; a file that cannot be taken is left out and named."""
    here = counted(case.papers[name])
    kept = {paper.document: paper for paper in here if paper.verdict != "refused"}
    papers, sheets, size = tuple(kept.values()), list[Sheet](), 0
    for paper in papers:
        sheet = await sheet_of(app, case, paper)
        if size + len(sheet.data) > MOST:
            sheet = left_out(sheet, "large")
        size += len(sheet.data)
        sheets.append(sheet)
    sheets = _doubted(app, name, papers, sheets)
    pages, pdf = await _bind(app, terms.word("papers", name), sheets)
    return Slot(name, papers, tuple(sheets), pages, pdf)


def _doubted(
    app: Bench, slot: str, papers: Sequence[Paper], sheets: Sequence[Sheet]
) -> list[Sheet]:
    """Where a machine takes a paper for another kind: the family's word stands, with a remark.

    Without one where the family was asked, and said what it is.
    """
    found = list(sheets)
    for places in documents(sheets):
        read = [page for place in places for page in sheets[place].text.pages]
        kind = app.reads.kind(read) if read else ""
        if kind and slot not in (kind, papers[places[0]].kind):
            note = f"a machine took it for: {terms.word('papers', kind)}; not confirmed"
            first = found[places[0]]
            found[places[0]] = replace(first, notes=(*first.notes, note))
    return found


async def _bind(app: Bench, label: str, sheets: Sequence[Sheet]) -> tuple[tuple[int, ...], bytes]:
    nothing = (0,) * len(sheets)
    if not any(sheet.data for sheet in sheets):
        return nothing, b""
    bare = [replace(sheet, data=b"") for sheet in sheets]
    given = {"label": label, "sheets": bare}
    try:
        told, made = await app.bindery.do(Counted, "bind", given, *(one.data for one in sheets))
    except Lost:
        return nothing, b""
    return told.pages, made[0]
