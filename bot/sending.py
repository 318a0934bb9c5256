"""Finished words for one bubble, with its document, through its channel."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

from msgspec.structs import replace

from bot import papers
from bot.app import App
from bot.channels import OutFile, Reply, SendFailed
from bot.render import render, template
from bot.workshop.shop import Lost
from flows.effects import Say
from flows.messages import Address
from storage.documents import NotKept, once, whole
from storage.mailbox import Outgoing

LINK_MINUTES = 60
MARGIN = timedelta(minutes=5)


async def send(app: App, outgoing: Outgoing, say: Say) -> str:
    """Send a bubble; returns the provider's id of it."""
    channel = app.channels[outgoing.to.channel]
    if say.template and await _window_closed(app, outgoing, channel.limits.window_hours):
        raise SendFailed("window", permanent=True, window_closed=True)
    if say.sheet:
        say = await _with_sheet(app, outgoing, say)
    file = await _file(app, outgoing, say) if say.document else None
    say = app.links.filled(outgoing.conversation, say, app.now())
    return await _sent(app, outgoing.to, render(app.wording, say, channel.limits, file))


async def _sent(app: App, to: Address, reply: Reply) -> str:
    """Send it, unless the provider has just failed several times in a row."""
    breaker = app.breakers[to.channel]
    if left := breaker.resting():
        raise SendFailed("resting", retry_after=left + random.uniform(0, 2))
    try:
        message_id = await app.channels[to.channel].send(to, reply)
    except SendFailed as failed:
        # A refusal, or being told to wait, is an answer too.
        answered = failed.permanent or failed.window_closed or failed.retry_after
        breaker.worked() if answered else breaker.failed()
        raise
    breaker.worked()
    return message_id


async def _window_closed(app: App, outgoing: Outgoing, hours: float) -> bool:
    """Whether the last message is too old for free words; the provider says so too late."""
    if not hours:
        return False
    known = await app.mailbox.peek(outgoing.conversation)
    heard = known.last_heard if known else None
    return heard is None or app.now() - heard > timedelta(hours=hours) - MARGIN


async def send_template(app: App, outgoing: Outgoing, say: Say) -> str:
    """Send the template message that stands for a bubble outside the service window."""
    reply = template(app.wording, say, app.settings.service.name)
    return await _sent(app, outgoing.to, reply)


async def _with_sheet(app: App, outgoing: Outgoing, say: Say) -> Say:
    """The bubble with its pages in one picture; with its words alone where none can be made."""
    case = say.case or outgoing.conversation
    try:
        pages = [await whole(app.documents, case, each) for each in say.sheet]
        _, made = await app.quick.do(object, "sheet", {}, *pages)
    except (Lost, NotKept):
        return say
    kept = await app.documents.keep(case, once(made[0]), papers.MOST)
    return replace(
        say, document=kept.document, document_name="pages.jpg", document_mime="image/jpeg"
    )


async def _file(app: App, outgoing: Outgoing, say: Say) -> OutFile:
    case = say.case or outgoing.conversation
    size = await app.documents.size(case, say.document)
    token = await app.records.link(
        case, say.document, say.document_name, say.document_mime, LINK_MINUTES
    )

    def read() -> AsyncIterator[bytes]:
        return app.documents.read(case, say.document)

    link = f"{app.public_url}/files/{token}"
    return OutFile(say.document_name, say.document_mime, size, read, link)
