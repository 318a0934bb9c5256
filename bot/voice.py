"""A voice note: fetched, kept for the agents, and made words of where that is set up."""

from msgspec.structs import replace

from bot import sending
from bot.app import App
from bot.channels import FetchFailed
from bot.hearing import MOST_BYTES, NotHeard
from bot.render import render
from flows.effects import Listen, Say
from flows.messages import Spoken
from nlu import redact
from storage.documents import TooBig, once, whole
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


async def read_aloud(app: App, outgoing: Outgoing, said: Say) -> str:
    """Send a question with its words as a recording, or as it is."""
    text = render(app.wording, said, app.channels[outgoing.to.channel].limits).text
    sound = await app.mouth.say(text, said.voice.language) if app.mouth else None
    if not sound:
        return await sending.send(app, outgoing, said)
    kept = await app.documents.keep(outgoing.conversation, once(sound), MOST_BYTES)
    spoken = replace(
        said, document=kept.document, document_name="saathi.mp3", document_mime="audio/mpeg"
    )
    return await sending.send(app, outgoing, spoken)


async def _words(app: App, conversation: str, document: str, mime: str, language: str) -> str:
    """The words of a note with the numbers unreadable that are never kept, or nothing."""
    if not app.ears:
        return ""
    audio = await whole(app.documents, conversation, document)
    try:
        return redact(await app.ears.hear(audio, mime, language))[0]
    except NotHeard:
        return ""
