"""How long a family waits for the verdict on a photo, while twenty send at once.

A real `saathi run`, a Telegram that costs little itself, 12 megapixel photos as files. A wait is
counted from the moment Saathi has the photo's bytes to its reply at Telegram, and again from the
webhook, the download in between.
"""

import asyncio
import io
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from PIL import Image

from benchmarks.storm.post import Post
from benchmarks.storm.telegram import SECRET, TOKEN, Bubble, Telegram
from tests.e2e.process import PLAIN, Saathi

CHATS, ROUNDS = 20, 5
SIZE = (4000, 3000)
FIRST = 1_000_000_100
BEGIN = ("/start", "English", "For myself", "Yes", "Yes", "Yes")
# Later than what counts as one album, and all pages of the round before are mended.
PAUSE = 25.0
LONGEST = 60.0


@dataclass(frozen=True)
class Wait:
    """Seconds until the reply, since the bytes were there and since the webhook."""

    bytes_here: float
    webhook: float


def large(picture: Path) -> bytes:
    """A picture of the set as a phone of 12 megapixels stores it."""
    out = io.BytesIO()
    with Image.open(picture) as image:
        upright = image.convert("RGB")
        size = SIZE if upright.width > upright.height else SIZE[::-1]
        upright.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


def verdict_seconds(pictures: Sequence[Path]) -> list[Wait]:
    """Every wait, in seconds."""
    return asyncio.run(_measured([large(picture) for picture in pictures]))


def figures(waits: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"p50": quantiles(waits, n=20)[9], "p95": quantiles(waits, n=20)[18]}


@dataclass
class Families:
    """All chats: what they write, and when the bot's next bubble is there."""

    telegram: Telegram
    post: Post
    heard: dict[int, asyncio.Queue[float]] = field(default_factory=dict)

    async def say(self, chat: int, **what: Any) -> tuple[float, float]:
        """Write; when that was, and when the next bubble came."""
        heard = self.heard[chat]
        while not heard.empty():
            # A suggestion, say, about the page before.
            heard.get_nowait()
        began, who = time.monotonic(), {"id": chat, "is_bot": False, "first_name": "P"}
        number = next(self.telegram.ids)
        message = {"message_id": number, "date": int(time.time()), "from": who, **what}
        message["chat"] = {"id": chat, "type": "private", "first_name": "P"}
        await self.post.deliver(chat, {"update_id": number, "message": message})
        async with asyncio.timeout(LONGEST):
            return began, await heard.get()

    async def begin(self, chat: int) -> None:
        """As far as the consents: from then on papers may be kept."""
        for text in BEGIN:
            await self.say(chat, text=text)

    async def send(self, chat: int, page: int, photo: bytes) -> Wait:
        """Send a photo as a file."""
        name = f"F{chat}-{time.monotonic_ns()}-{page}"
        file: dict[str, Any] = {"file_id": name, "file_unique_id": name, "file_name": "IMG.jpg"}
        file |= {"mime_type": "image/jpeg", "file_size": len(photo)}
        began, answered = await self.say(chat, document=file)
        return Wait(answered - self.telegram.handed_over[name], answered - began)


@asynccontextmanager
async def _families(photos: Sequence[bytes]) -> AsyncIterator[Families]:
    heard: dict[int, asyncio.Queue[float]] = defaultdict(asyncio.Queue)

    def see(bubble: Bubble) -> None:
        heard[bubble.chat].put_nowait(bubble.at)

    telegram = Telegram(see, photos, share=0.0)
    await telegram.start()
    settings = {"TOKEN": TOKEN, "SECRET": SECRET, "API_URL": telegram.url, "MODE": "webhook"}
    more = {f"SAATHI_CHANNELS__TELEGRAM__{name}": value for name, value in settings.items()}
    saathi = Saathi(more=more, command=PLAIN)
    post = Post([saathi.url], twice=0.0)
    try:
        await saathi.start()
        await post.open()
        yield Families(telegram, post, heard)
    finally:
        await post.close()
        await saathi.close()
        await telegram.stop()


async def _measured(photos: list[bytes]) -> list[Wait]:
    async with _families(photos) as families:
        chats = range(FIRST, FIRST + CHATS)
        await asyncio.gather(*(families.begin(chat) for chat in chats))
        waits: list[Wait] = []
        for number in range(ROUNDS):
            # To each chat another page than before.
            pages = [(number + n) % len(photos) for n in range(CHATS)]
            sent = (families.send(c, p, photos[p]) for c, p in zip(chats, pages, strict=True))
            waits += await asyncio.gather(*sent)
            await asyncio.sleep(PAUSE)
        # The first round starts the processes that look.
        return waits[CHATS:]
