"""One stored file of a case made ready to be bound, in a workshop of its own."""

from typing import Protocol

import msgspec
from msgspec.structs import replace

from bot.found import PDF, WORD
from bot.review.binding.memory import Memory
from bot.review.binding.reads import Reads
from bot.review.binding.sheet import REASONS, Ready, Sheet
from bot.review.binding.values import Summariser
from bot.workshop.here import Workshop
from bot.workshop.shop import Lost
from flows.conversation import Case, Paper
from nlu.report.page import Text
from storage.documents import Documents, NotKept, whole
from storage.documents_mime import PHOTOS

# Beyond this a file is only listed; and a bound PDF must pass through every upload.
LARGEST, MOST = 40_000_000, 95_000_000
DAMAGED = "damaged file, compare with the original"
REMARKS = {
    "warn": "may be hard to read",
    "accepted_with_flag": "accepted although hard to read",
}


class Bench(Protocol):
    """What binding needs of an App: where files are, where they are worked on, what is read."""

    documents: Documents
    bindery: Workshop
    reads: Reads
    summariser: Summariser
    binding: Memory


async def sheet_of(app: Bench, case: Case, paper: Paper) -> Sheet:
    """The paper made ready; without bytes, and a remark why, where it cannot be bound."""
    remark = REMARKS.get(paper.verdict)
    notes = (remark,) if remark else ()
    sheet = Sheet(paper.mime, paper.dated, await _read(app, case, paper), notes)
    if paper.mime not in (*PHOTOS, PDF) and not (paper.mime == WORD and paper.view):
        return left_out(sheet, "kind")
    if not paper.view and paper.size > LARGEST:
        return left_out(sheet, "large")
    try:
        return await _ready(app, case, paper, sheet)
    except Lost:
        return left_out(sheet, "broken")


async def _ready(app: Bench, case: Case, paper: Paper, sheet: Sheet) -> Sheet:
    data = await whole(app.documents, case.id, paper.view or paper.document)
    # Of a PDF with a password the view is the copy without, of a Word file the same as a PDF.
    seen = PDF if paper.mime in (PDF, WORD) else "image/jpeg"
    given = {"mime": seen if paper.view else paper.mime}
    told, made = await app.bindery.do(Ready, "ready", given, data)
    if told.reason:
        return left_out(sheet, told.reason)
    notes = (*sheet.notes, DAMAGED) if told.damaged else sheet.notes
    return replace(sheet, mime=told.mime, notes=notes, data=made[0])


async def _read(app: Bench, case: Case, paper: Paper) -> Text:
    if not paper.text:
        return Text()
    try:
        return msgspec.json.decode(await whole(app.documents, case.id, paper.text), type=Text)
    except (NotKept, msgspec.DecodeError):
        return Text()


def left_out(sheet: Sheet, reason: str) -> Sheet:
    """Not in the PDF: the index says why, and where to look."""
    note = f"see original: {REASONS[reason]}"
    return replace(sheet, notes=(*sheet.notes, note), data=b"")
