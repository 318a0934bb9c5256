"""Finished words for one bubble, with its document, through its channel."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.app import App
from bot.channels import OutFile, SendFailed
from bot.render import render, template
from flows.effects import Say
from storage.mailbox import Outgoing

LINK_MINUTES = 60
MARGIN = timedelta(minutes=5)


async def send(app: App, outgoing: Outgoing, say: Say) -> str:
    """Send a bubble; returns the provider's id of it."""
    channel = app.channels[outgoing.to.channel]
    if say.template and await _window_closed(app, outgoing, channel.limits.window_hours):
        raise SendFailed("window", permanent=True, window_closed=True)
    file = await _file(app, outgoing, say) if say.document else None
    return await channel.send(outgoing.to, render(app.wording, say, channel.limits, file))


async def _window_closed(app: App, outgoing: Outgoing, hours: float) -> bool:
    """Whether the last message is too old for free words; the provider says so too late."""
    if not hours:
        return False
    known = await app.mailbox.peek(outgoing.conversation)
    heard = known.last_heard if known else None
    return heard is None or app.now() - heard > timedelta(hours=hours) - MARGIN


async def send_template(app: App, outgoing: Outgoing, say: Say) -> str:
    """Send the template message that stands for a bubble outside the service window."""
    channel = app.channels[outgoing.to.channel]
    return await channel.send(outgoing.to, template(app.wording, say, app.settings.service.name))


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
