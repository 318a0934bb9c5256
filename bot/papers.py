"""From a file that the provider holds to a page that is ours and was looked at."""

from bot.app import App
from bot.channels import FetchFailed
from bot.found import Found
from bot.inspect_file import BY_PARTS, MOST_BYTES, OFFICE, PHOTOS
from bot.workshop.shop import Lost
from flows.effects import SaveDocument
from flows.messages import Address, DocumentKept
from storage.documents import Kept, TooBig
from storage.mailbox import Outgoing
from storage.points import reach

MOST = 100 * 1024 * 1024
# More than that is not handed over as a whole, where its kind allows it.
AT_ONCE = 8 * 1024 * 1024


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
    found = await look(app, order, kept.document, kept.mime, kept.size)
    return _answer(outgoing, order, found, kept)


async def look(app: App, order: SaveDocument, document: str, mime: str, size: int) -> Found:
    """The look at a stored file; of a large one only pieces are read."""
    by_parts = size > AT_ONCE and mime in BY_PARTS
    if size > MOST_BYTES and not by_parts:
        return Found("refused", "too_big" if mime in (*PHOTOS, *OFFICE) else "wrong_type")
    given = {"mime": mime, "tries": order.tries}
    try:
        if by_parts:
            far = await app.documents.ranges(order.case, document)
            return (await app.slow.do_far(Found, "look_far", given, far))[0]
        data = b"".join([chunk async for chunk in app.documents.read(order.case, document)])
        return (await app.quick.do(Found, "look", given, data))[0]
    except Lost:
        return Found("refused", "unreadable")


def answer(
    name: str, sender: Address, order: SaveDocument, found: Found, kept: Kept | None = None
) -> DocumentKept:
    """What the chat is told of a file; `name` is the same each time it is told."""
    kept = kept or Kept("", "", 0)
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
        found.about,
    )


def _answer(
    outgoing: Outgoing, order: SaveDocument, found: Found, kept: Kept | None = None
) -> DocumentKept:
    return answer(f"kept:{outgoing.id}", outgoing.to, order, found, kept)


def lost(outgoing: Outgoing, order: SaveDocument) -> DocumentKept:
    """A file that never came: the person is asked to send it again."""
    return _answer(outgoing, order, Found("refused", "gone"))
