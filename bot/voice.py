"""A voice note: fetched, kept for the agents, and made words of where that is set up."""

from bot.app import App
from bot.channels import FetchFailed
from bot.hearing import MOST_BYTES, NotHeard
from flows.effects import Listen
from flows.messages import Spoken
from nlu import redact
from storage.documents import TooBig
from storage.mailbox import Outgoing


async def listen(app: App, outgoing: Outgoing, order: Listen) -> Spoken:
    """What became of a note; FetchFailed (passing) means try again later."""
    name, tried = f"spoken:{outgoing.id}", app.ears is not None
    parts = app.channels[outgoing.to.channel].fetch(order.attachment)
    try:
        kept = await app.documents.keep(outgoing.conversation, parts, MOST_BYTES)
    except TooBig:
        return Spoken(name, outgoing.to, tried=tried)
    except FetchFailed as failed:
        if not failed.permanent:
            raise
        return Spoken(name, outgoing.to, tried=tried)
    text = await _words(app, outgoing.conversation, kept.document, kept.mime, order.language)
    return Spoken(name, outgoing.to, kept.document, kept.mime, tried, text)


async def _words(app: App, conversation: str, document: str, mime: str, language: str) -> str:
    """The words of a note with the numbers unreadable that are never kept, or nothing."""
    if not app.ears:
        return ""
    audio = b"".join([part async for part in app.documents.read(conversation, document)])
    try:
        return redact(await app.ears.hear(audio, mime, language))[0]
    except NotHeard:
        return ""
