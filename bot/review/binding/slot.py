"""One document of a case fetched and bound, file by file, in the slow workshop."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bot.review import terms
from bot.review.binding.sheet import PDF, REASONS, Counted, Part, Ready, Sheet, documents
from bot.review.binding.values import Reads, Summariser
from bot.workshop.here import Workshop
from bot.workshop.shop import Lost
from flows.conversation import Case, Paper
from nlu.report.page import Text
from storage.documents import Documents, NotKept

# Beyond this a file is only listed; and a bound PDF must pass through every upload.
LARGEST, MOST = 40_000_000, 95_000_000
DAMAGED = "damaged file, compare with the original"
REMARKS = {
    "warn": "may be hard to read",
    "retake": "accepted although hard to read",
    "accepted_with_flag": "accepted although hard to read",
}


class Bench(Protocol):
    """What binding needs of an App: where files are, where they are worked on, what is read."""

    documents: Documents
    slow: Workshop
    reads: Reads
    summariser: Summariser


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
    sheets = tuple(_left_out(sheet, "apart") for sheet in slot.sheets)
    return dataclasses.replace(slot, sheets=sheets, pages=(0,) * len(sheets), pdf=b"")


def slots(case: Case) -> list[str]:
    """The documents that were sent, in the checklist's order."""
    order = {name: place for place, name in enumerate(terms.words("papers"))}
    return sorted(case.papers, key=lambda slot: order.get(slot, len(order)))


async def bind_slot(app: Bench, case: Case, name: str) -> Slot:
    """One document; a file that cannot be taken is left out and named."""
    kept = {paper.document: paper for paper in case.papers[name] if paper.verdict != "refused"}
    papers, sheets, size = tuple(kept.values()), list[Sheet](), 0
    for paper in papers:
        sheet = await _sheet(app, case, paper)
        if size + len(sheet.data) > MOST:
            sheet = _left_out(sheet, "large")
        size += len(sheet.data)
        sheets.append(sheet)
    sheets = _doubted(app, name, sheets)
    pages, pdf = await _bind(app, terms.word("papers", name), sheets)
    return Slot(name, papers, tuple(sheets), pages, pdf)


async def content(app: Bench, case: Case, document: str) -> bytes:
    """The bytes of a stored file."""
    return b"".join([chunk async for chunk in app.documents.read(case.id, document)])


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    """The same bytes, as a store takes them."""
    yield data


async def _sheet(app: Bench, case: Case, paper: Paper) -> Sheet:
    remark = REMARKS.get(paper.verdict)
    notes = (remark,) if remark else ()
    sheet = Sheet(paper.mime, paper.dated, await _read(app, case, paper), notes)
    if paper.size > LARGEST and not paper.view:
        return _left_out(sheet, "large")
    try:
        return await _ready(app, case, paper, sheet)
    except Lost:
        return _left_out(sheet, "broken")


async def _ready(app: Bench, case: Case, paper: Paper, sheet: Sheet) -> Sheet:
    data = await content(app, case, paper.view or paper.document)
    given = {"mime": "image/jpeg" if paper.view else paper.mime}
    told, made = await app.slow.do(Ready, "ready", given, data)
    if told.reason:
        return _left_out(sheet, told.reason)
    notes = (*sheet.notes, DAMAGED) if told.damaged else sheet.notes
    return replace(sheet, mime=told.mime, notes=notes, data=made[0])


async def _read(app: Bench, case: Case, paper: Paper) -> Text:
    if not paper.text:
        return Text()
    try:
        return msgspec.json.decode(await content(app, case, paper.text), type=Text)
    except (NotKept, msgspec.DecodeError):
        return Text()


def _doubted(app: Bench, slot: str, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Where a machine takes a paper for another kind: the family's word stands, with a remark."""
    found = list(sheets)
    for places in documents(sheets):
        read = [page for place in places for page in sheets[place].text.pages]
        kind = app.reads.kind(read) if read else ""
        if kind and kind != slot:
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
        told, made = await app.slow.do(Counted, "bind", given, *(one.data for one in sheets))
    except Lost:
        return nothing, b""
    return told.pages, made[0]


def _left_out(sheet: Sheet, reason: str) -> Sheet:
    """Not in the PDF: the index says why, and where to look."""
    note = f"see original: {REASONS[reason]}"
    mime = sheet.mime if sheet.photographed else PDF
    return replace(sheet, mime=mime, notes=(*sheet.notes, note), data=b"")
