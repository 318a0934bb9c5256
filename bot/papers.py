"""From a file that the provider holds to a page that is ours and was looked at."""

import logging

from msgspec.structs import replace

from bot.antivirus import NotScanned
from bot.app import App
from bot.channels import FetchFailed
from bot.found import IN_PARTS, MOST_BYTES, PDF, WORD, Found
from bot.workshop.shop import Lost
from flows.effects import SaveDocument, UnlockDocument
from flows.messages import Address, DocumentKept
from storage.documents import Kept, TooBig, once, whole
from storage.documents_mime import PHOTOS
from storage.mailbox import Outgoing
from storage.points import reach

log = logging.getLogger(__name__)

MOST = 100 * 1024 * 1024
# More than that is not handed over as a whole, where its kind allows it.
AT_ONCE = 8 * 1024 * 1024
# How a photo is judged, where it is not one of a printed page.
FORMS = {"lesion_photo": "lesion", "scan_images": "film", "chest_xray": "film"}


async def save(app: App, outgoing: Outgoing, order: SaveDocument) -> DocumentKept:
    """Fetch, keep and look at a file; FetchFailed (passing) means try again later."""
    channel = app.channels[outgoing.to.channel]
    try:
        kept = await app.documents.keep(order.case, channel.fetch(order.attachment), MOST)
    except TooBig:
        return _answer(outgoing, order, Found("refused", "too_big"))
    except FetchFailed as failed:
        if not failed.permanent:
            raise
        reason = "too_big" if failed.code == "too_big" else "gone"
        return _answer(outgoing, order, Found("refused", reason))
    reach("page.kept")
    found = await look(app, order.case, order.slot, kept, order.tries)
    return _answer(outgoing, order, found, kept)


async def look(app: App, case: str, slot: str, kept: Kept, tries: int = 0) -> Found:
    """The look at a stored file; of a large one only pieces are read.

    Raises FetchFailed where the antivirus must answer and does not.
    """
    if await _harmful(app, case, kept.document):
        await app.documents.delete(case, kept.document)
        return Found("refused", "virus")
    by_parts = kept.size > AT_ONCE and kept.mime in IN_PARTS
    if kept.size > MOST_BYTES and not by_parts:
        return Found("refused", "too_big" if kept.mime in (*PHOTOS, WORD) else "wrong_type")
    given = {"mime": kept.mime, "tries": tries, "form": FORMS.get(slot, "page")}
    try:
        if by_parts:
            far = await app.documents.ranges(case, kept.document)
            return (await app.quick.do_far(Found, "look_far", given, far))[0]
        data = await whole(app.documents, case, kept.document)
        return (await app.quick.do(Found, "look", given, data))[0]
    except Lost:
        return Found("refused", "unreadable")


async def _harmful(app: App, case: str, document: str) -> bool:
    if not app.antivirus:
        return False
    try:
        return await app.antivirus.harmful(app.documents.read(case, document))
    except NotScanned as error:
        if app.settings.antivirus.required:
            raise FetchFailed("antivirus") from error
        log.warning("not scanned: %s", error)
        return False


async def unlock(app: App, outgoing: Outgoing, order: UnlockDocument) -> DocumentKept:
    """Open a kept PDF: the copy without its password stands beside it, the password nowhere."""
    if order.size > MOST:
        # It would have to be held in memory.
        return _answer(
            outgoing, order, Found("refused", "too_big"), Kept(order.document, PDF, order.size)
        )
    data = await whole(app.documents, order.case, order.document)
    kept = Kept(order.document, PDF, order.size or len(data))
    try:
        found, made = await app.quick.do(Found, "unlock", {"password": order.password}, data)
    except Lost:
        return _answer(outgoing, order, Found("refused", "unreadable"))
    if not made:
        return _answer(outgoing, order, found, kept)
    view = await app.documents.keep(order.case, once(made[0]), 2 * MOST)
    return replace(_answer(outgoing, order, found, kept), view=view.document)


def answer(
    name: str,
    sender: Address,
    order: SaveDocument | UnlockDocument,
    found: Found,
    kept: Kept | None = None,
) -> DocumentKept:
    """What the chat is told of a file; `name` is the same each time it is told."""
    # A harmful file was not kept after all.
    kept = kept if kept and found.reason != "virus" else Kept("", "", 0)
    return DocumentKept(
        name,
        sender,
        order.case,
        order.slot,
        order.upload,
        kept.document,
        kept.mime,
        kept.size,
        found.pages,
        found.verdict,
        found.reason,
        found.measures,
        order.place,
        found.likeness,
        burst=isinstance(order, SaveDocument) and order.burst,
        quote=order.quote if isinstance(order, SaveDocument) else 0,
        about=found.about,
    )


def _answer(
    outgoing: Outgoing,
    order: SaveDocument | UnlockDocument,
    found: Found,
    kept: Kept | None = None,
) -> DocumentKept:
    return answer(f"kept:{outgoing.id}", outgoing.to, order, found, kept)


def lost(outgoing: Outgoing, order: SaveDocument | UnlockDocument) -> DocumentKept:
    """A file that never came: the person is asked to send it again."""
    return _answer(outgoing, order, Found("refused", "gone"))
