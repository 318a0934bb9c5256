"""An upload in the hands of one request at a time; the latest one gets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from bot.uploads.tus import Refusal
from bot.uploads.uploads import Uploads
from storage.partials import Busy, PartialFile, Ticket

# Tenths of a second that a request waits until the one before it, whose phone is gone, lets go.
HANDOVERS = 50


@asynccontextmanager
async def held(
    uploads: Uploads, ticket: Ticket
) -> AsyncIterator[tuple[PartialFile, asyncio.Event]]:
    """The upload for this request alone; one that still hangs there is stopped."""
    stop = asyncio.Event()
    if earlier := uploads.writing.get(ticket.id):
        earlier.set()
    uploads.writing[ticket.id] = stop
    try:
        with closing(await _opened(uploads, ticket)) as file:
            fresh = await uploads.partials.get(ticket.case, ticket.id)
            # It may have become a document while we waited.
            if not fresh or fresh.state != ticket.state:
                raise Refusal(423)
            yield file, stop
    finally:
        if uploads.writing.get(ticket.id) is stop:
            del uploads.writing[ticket.id]


async def _opened(uploads: Uploads, ticket: Ticket) -> PartialFile:
    for _ in range(HANDOVERS):
        try:
            return await uploads.partials.open(ticket)
        except Busy:
            await asyncio.sleep(0.1)
    raise Refusal(423)
