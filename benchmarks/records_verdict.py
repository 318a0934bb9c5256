"""How long a family waits for the verdict on a photo, while twenty send at once.

The real server, the fake Telegram, 12 megapixel photos as files; counted from the webhook's
first byte to the reply at Telegram, the download in between.
"""

import asyncio
import io
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

from PIL import Image

from tests.e2e.process import PLAIN
from tests.e2e.rig import Rig, running
from tests.fake_telegram import Photo

CHATS, ROUNDS = 20, 5
SIZE = (4000, 3000)
FIRST = 1_000_000_100
BEGIN = ("English", "For myself", "Yes", "Yes", "Yes")
PAUSE = 16.0


def large(picture: Path) -> bytes:
    """A picture of the set as a phone of 12 megapixels stores it."""
    out = io.BytesIO()
    with Image.open(picture) as image:
        upright = image.convert("RGB")
        size = SIZE if upright.width > upright.height else SIZE[::-1]
        upright.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


def verdict_seconds(pictures: Sequence[Path]) -> list[float]:
    """Every wait, in seconds."""
    return asyncio.run(_measured([large(picture) for picture in pictures]))


def figures(waits: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"p50": quantiles(waits, n=20)[9], "p95": quantiles(waits, n=20)[18]}


async def _measured(photos: list[bytes]) -> list[float]:
    async with running(command=PLAIN) as rig:
        chats = range(FIRST, FIRST + CHATS)
        await asyncio.gather(*(_begin(rig, chat) for chat in chats))
        waits: list[float] = []
        for number in range(ROUNDS):
            sent = (photos[(number * CHATS + n) % len(photos)] for n in range(CHATS))
            pairs = zip(chats, sent, strict=True)
            waits += await asyncio.gather(*(_sent(rig, *pair) for pair in pairs))
            # Later than what counts as one album.
            await asyncio.sleep(PAUSE)
        return waits


async def _begin(rig: Rig, chat: int) -> None:
    """As far as the consents: from then on papers may be kept."""
    await rig.on_telegram(chat).say("/start")
    for said in BEGIN:
        await _answered(rig, chat, 1)
        await rig.on_telegram(chat).say(said)
    await _answered(rig, chat, 1)


async def _answered(rig: Rig, chat: int, more: int) -> None:
    known = _seen.get(chat, 0)
    async with asyncio.timeout(60):
        while len(await rig.on_telegram(chat).bubbles()) < known + more:
            await asyncio.sleep(0.25)
    _seen[chat] = known + more


_seen: dict[int, int] = {}


async def _sent(rig: Rig, chat: int, photo: bytes) -> float:
    began = time.monotonic()
    await rig.telegram.document(chat, Photo(photo, "IMG.jpg", "image/jpeg"))
    await _answered(rig, chat, 1)
    return time.monotonic() - began
