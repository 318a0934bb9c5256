"""From a file that the provider holds to a page that is ours and was looked at."""

from bot.app import App
from bot.channels import FetchFailed
from bot.inspect_file import MOST_BYTES, Found
from bot.workshop.shop import Lost
from flows.effects import SaveDocument
from flows.messages import Address, DocumentKept
from storage.documents import Kept, TooBig
from storage.mailbox import Outgoing
from storage.points import reach

MOST = 100 * 1024 * 1024


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
    """The look at a stored file; a very large one is taken unseen."""
    if size > MOST_BYTES:
        return Found("ok") if mime == "application/pdf" else Found("refused", "too_big")
    data = b"".join([chunk async for chunk in app.documents.read(order.case, document)])
    try:
        given = {"mime": mime, "tries": order.tries}
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
