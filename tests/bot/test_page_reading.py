"""The background job about a kept file: what is made of it is kept, and the talk is told."""

import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fpdf import FPDF
from msgspec import json
from msgspec.structs import replace
from PIL import Image

from bot import page_reading
from bot.app import App
from bot.found import DICOM
from bot.reading.task import about_task, read_task
from bot.reading.told import Read
from bot.settings import Reading, load
from bot.unlock import unlock_task
from bot.workshop.shop import Lost
from flows.conversation import Case, Conversation, Paper
from flows.messages import DocumentRead
from nlu.report.page import Text
from storage.documents import Kept, NotKept, once
from storage.documents_mime import ZIP
from tests.bot.test_unlock import locked
from tests.fakes import FakeChannel, fake_app
from tests.files import photo
from tests.scans import cd, scan, zipped
from tests.talk import ASHA

LINES = (
    "FICTIONAL Diagnostics, Pune", "HISTOPATHOLOGY REPORT", "Patient Name: Mrs. Sunita Kale",
    "Age / Sex: 45 Y / F", "Reported on: 20/10/2026", "Specimen: trucut biopsy, left breast",
    "Microscopy: sections show invasive ductal carcinoma, grade 2.",
    "Impression: Invasive carcinoma, no special type.", "Page 2 of 3",
)  # fmt: skip


TODAY = {"today": "2026-11-24"}


def report(pages: int = 1) -> bytes:
    """An invented report with a text layer."""
    pdf = FPDF()
    for _ in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=12)
        for line in LINES:
            pdf.cell(0, 10, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


@dataclass
class InMemory:
    """A stored file of which pieces can be read."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, start: int, length: int) -> bytes:
        return self.data[start : start + length]


@dataclass
class Store:
    """Documents by their content, and the record of one case."""

    kept: dict[str, bytes] = field(default_factory=dict)
    conversation: Conversation | None = None

    async def keep(self, case: str, chunks: AsyncIterator[bytes], limit: int) -> Kept:
        data = b"".join([chunk async for chunk in chunks])
        name = hashlib.sha256(data).hexdigest()
        self.kept[name] = data
        return Kept(name, "", len(data))

    async def read(self, case: str, document: str) -> AsyncIterator[bytes]:
        if document not in self.kept:
            raise NotKept
        yield self.kept[document]

    async def ranges(self, case: str, document: str) -> "InMemory":
        return InMemory(self.kept[document])

    async def case(self, case: str) -> tuple[Conversation, Case] | None:
        return (self.conversation, self.conversation.cases[0]) if self.conversation else None


async def read(
    data: bytes,
    mime: str,
    engine: str = "off",
    view: bytes = b"",
    about: dict[str, str] | None = None,
    **more: Any,
) -> tuple[Store, list[DocumentRead]]:
    """What is kept and told after the job about a file."""
    store = Store()
    name = (await store.keep("case1", once(data), 0)).document
    seen = (await store.keep("case1", once(view), 0)).document if view else ""
    paper = Paper(name, mime, len(data), view=seen, about=about or {})
    case = Case("case1", "SA-1", papers={"biopsy_report": (paper,)})
    store.conversation = Conversation("c", ASHA, "5eed", cases=(case,))
    settings = load(None).model_copy(update={"reading": Reading.model_validate({"engine": engine})})
    app = fake_app(FakeChannel(), documents=store, records=store, settings=settings, **more)
    await page_reading.read(app, "case1", name)
    return store, await told(app)


async def told(app: App) -> list[DocumentRead]:
    turn = await app.mailbox.take()
    return [each for each in turn.updates if isinstance(each, DocumentRead)] if turn else []


async def test_the_text_of_a_pdf_is_kept_and_told_about() -> None:
    store, (update,) = await read(report(2), "application/pdf")
    assert (update.kind, update.patient, update.dated) == (
        "biopsy_report", "Mrs. Sunita Kale", "2026-10-20",
    )  # fmt: skip
    text = json.decode(store.kept[update.text], type=Text)
    assert len(text.pages) == 2
    assert any("Invasive" in line.text for line in text.pages[0].lines)
    assert update.view == ""


async def test_a_photo_gets_a_view_of_a_size_for_phones() -> None:
    store, (update,) = await read(photo("Biopsy report", 3200, 2260, 60), "image/jpeg")
    view = Image.open(io.BytesIO(store.kept[update.view]))
    assert max(view.size) <= 1600
    assert store.kept[update.text]


async def test_a_pdf_that_was_opened_is_read_from_its_copy() -> None:
    _, (opened,) = unlock_task({"password": "right"}, [locked("right")])
    store, (update,) = await read(locked("right"), "application/pdf", view=opened)
    assert json.decode(store.kept[update.text], type=Text).pages


async def test_a_scan_gets_a_picture_and_tells_whose_it_is() -> None:
    about = {"modality": "CT", "patient": "FICTIONAL SUNITA", "studied": "2026-11-20"}
    for data, mime in ((scan(), DICOM), (cd(), ZIP)):
        store, (update,) = await read(data, mime, about=about)
        assert (update.patient, update.dated) == ("FICTIONAL SUNITA", "2026-11-20")
        assert (update.text, update.kind) == ("", "")
        seen = store.kept[update.view]
        assert Image.open(io.BytesIO(seen)).format == "JPEG"
        assert b"FICTIONAL" not in seen


async def test_papers_in_a_zip_have_no_picture() -> None:
    _, (update,) = await read(zipped({"a.pdf": report()}), ZIP)
    assert (update.view, update.text) == ("", "")


@pytest.mark.slow
async def test_a_photo_is_really_read() -> None:
    store, (update,) = await read(photo("Biopsy report", 1600, 1130, 30), "image/jpeg", "rapid")
    said = " ".join(
        line.text for line in json.decode(store.kept[update.text], type=Text).pages[0].lines
    )
    assert "lymphovascular" in said


async def test_what_cannot_be_opened_is_left_as_it_is() -> None:
    _, (update,) = await read(b"no picture", "image/jpeg")
    assert (update.view, update.kind) == ("", "")


class Ends:
    """A workshop whose process ends each time."""

    async def do(self, *_: Any) -> Any:
        raise Lost("read")

    do_far = do


async def test_a_file_that_ends_its_process_is_left_as_it_is() -> None:
    assert (await read(report(), "application/pdf", slow=Ends()))[1] == []
    assert (await read(scan(), DICOM, slow=Ends()))[1] == []


async def test_a_file_that_was_taken_out_is_not_read() -> None:
    app = fake_app(FakeChannel(), records=Store())
    await page_reading.read(app, "case1", "d" * 64)
    assert await told(app) == []


def test_pages_for_a_service_outside_come_as_pictures() -> None:
    given = {"mime": "image/jpeg", "engine": "textract", **TODAY}
    result, (view, page) = read_task(given, [photo("Biopsy report")])
    assert isinstance(result, Read)
    assert result.unread == (0,)
    assert Image.open(io.BytesIO(page)).size >= Image.open(io.BytesIO(view)).size


def test_what_was_read_outside_is_told_about_too() -> None:
    text = read_task({"mime": "application/pdf", "engine": "off", **TODAY}, [report()])[0].text
    about, _ = about_task(TODAY, [json.encode(replace(text))])
    assert about.kind == "biopsy_report"
