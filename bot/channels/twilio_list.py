"""Twilio's list of messages: what people wrote, also what no webhook brought us."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from twilio.rest import Client

from bot.channels.twilio_errors import FAILURES, failed
from bot.channels.twilio_updates import message
from flows.messages import Message

PAGE, MOST = 100, 2000


async def written(
    client: Client, base: str, sender: str, since: datetime, until: datetime
) -> AsyncIterator[Message]:
    """What was written to `sender` in that time, the newest first; raises SendFailed.

    `base`: where Twilio's API is, for the links of files. Such a message has no lasting id,
    and a tap is there by its title alone.
    """
    # The library writes any zone's time as UTC. The filter goes by second at best: what lies
    # at its edges is looked at here.
    after = since.astimezone(UTC) - timedelta(seconds=1)
    try:
        listed = await client.messages.stream_async(
            to=sender, date_sent_after=after, limit=MOST, page_size=PAGE
        )
        async for one in listed:
            sent = one.date_sent
            if str(one.direction) == "inbound" and sent and since <= sent < until:
                yield replace(await _message(client, base, one), written=sent)
    except FAILURES as error:
        raise failed(error) from None


async def _message(client: Client, base: str, one: Any) -> Message:
    form = {"MessageSid": one.sid, "From": one.from_, "Body": one.body or ""}
    many = int(one.num_media or 0)
    files = await client.messages(one.sid).media.list_async(limit=many) if many else []
    form["NumMedia"] = str(len(files))
    for n, file in enumerate(files):
        form[f"MediaUrl{n}"] = base + (file.uri or "").removesuffix(".json")
        form[f"MediaContentType{n}"] = file.content_type or ""
    return message(form)
