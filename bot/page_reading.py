"""The background job about a kept file: mended, read, and the conversation told."""

import asyncio
import io
import logging
from collections.abc import Sequence

from msgspec import json
from msgspec.structs import replace
from PIL import Image

from bot import papers, turns
from bot.app import App
from bot.found import MOST_BYTES, PDF
from bot.reading.textract import open_textract
from bot.reading.told import OUTSIDE, About, Read
from bot.workshop.shop import Lost
from flows import pages
from flows.big_files import MIMES as SCANS
from flows.conversation import Conversation, Paper
from flows.messages import DocumentRead
from nlu.report.page import Text
from storage.documents import NotKept, once, whole

log = logging.getLogger(__name__)


async def read(app: App, case: str, document: str) -> None:
    """Mend and read a file; what cannot be read stays as it is, and a person looks at it."""
    found = await app.records.case(case)
    kept = pages.find(found[1], document) if found else None
    if not found or not kept or _too_big(kept[1]):
        return
    try:
        made = await _made(app, case, *kept)
    except (Lost, NotKept) as error:
        log.warning("a file was not read: %s", type(error).__name__)
        return
    await turns.receive(app, [await _told(app, found[0], case, document, *made)])


def _too_big(paper: Paper) -> bool:
    # Of a scan only pieces are read.
    return paper.size > MOST_BYTES and paper.mime not in SCANS


async def _made(app: App, case: str, slot: str, paper: Paper) -> tuple[Read, list[bytes]]:
    """What the workshop made of a file, and of its pages the service that is set up."""
    if paper.mime in SCANS:
        return await _scan(app, case, paper)
    # Of a PDF with a password the view is the copy without.
    source = paper.view if paper.view and paper.mime == PDF else paper.document
    form = papers.FORMS.get(slot, "page")
    given = {"mime": paper.mime, "engine": app.settings.reading.engine, "form": form}
    given["today"] = app.now().date().isoformat()
    data = await whole(app.documents, case, source)
    result, made = await app.slow.do(Read, "read", given, data)
    views = made[: int(result.has_view)]
    if given["engine"] != OUTSIDE or not result.unread:
        return result, views
    text = await _outside(app, result, made[len(views) :])
    about, _ = await app.slow.do(About, "about", given, json.encode(text))
    return replace(result, text=text, about=about), views


async def _scan(app: App, case: str, paper: Paper) -> tuple[Read, list[bytes]]:
    """A small picture of a scan, and what the scan tells of itself."""
    far = await app.documents.ranges(case, paper.document)
    _, made = await app.slow.do_far(bool, "scan_preview", {"mime": paper.mime}, far)
    told = About(patient=paper.about.get("patient", ""), dated=paper.about.get("studied", ""))
    return Read(about=told, has_view=bool(made)), made


async def _outside(app: App, result: Read, pictures: Sequence[bytes]) -> Text:
    """The pages read by a service of the operator's; raises `textract.NotRead`."""
    engine = open_textract(app.settings.reading.region)
    read = list(result.text.pages)
    for number, picture in zip(result.unread, pictures, strict=True):
        image = Image.open(io.BytesIO(picture))
        read[number] = await asyncio.to_thread(engine.read, image)
    return Text(tuple(read))


async def _told(
    app: App, conversation: Conversation, case: str, document: str, result: Read, views: list[bytes]
) -> DocumentRead:
    view = await _keep(app, case, views[0]) if views else ""
    text = await _keep(app, case, json.encode(result.text)) if result.text.pages else ""
    told = result.about
    return DocumentRead(
        f"read:{case}:{document}", conversation.address, case, document, view, text,
        told.kind, told.sure, told.patient, told.dated, told.number,
    )  # fmt: skip


async def _keep(app: App, case: str, data: bytes) -> str:
    return (await app.documents.keep(case, once(data), papers.MOST)).document
