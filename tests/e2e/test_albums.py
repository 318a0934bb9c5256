"""Twelve pages one after the other: one is broken, one comes twice, one download fails at first."""

import asyncio
import random
import time
from functools import cache
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from tests.e2e.chats import Chat
from tests.e2e.rig import Rig, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

BEGIN = ("English", "For myself", "Yes", "Yes", "Yes")
BROKEN, AGAIN, SAME_AS, LATE = 5, 9, 3, 8
# Longer than what counts as one album (`flows.papers.BURST`).
PAUSE = 21.0
WORDS = "specimen margin grade tissue seen report section node cell noted value normal left".split()


@cache
def page(number: int) -> bytes:
    """A page of an invented report, like no other."""
    chance, out = random.Random(number), BytesIO()
    image = Image.new("RGB", (1130, 1600), (245, 244, 240))
    pen = ImageDraw.Draw(image)
    y = 80
    while y < 1500:
        words = chance.sample(WORDS, chance.randint(2, 7))
        pen.text((80, y), " ".join(["FICTIONAL", *words]), fill=(25, 25, 30), font_size=28)
        y += chance.choice((42, 42, 70, 110))
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def sent(number: int) -> bytes:
    """What goes out as picture `number` of the album."""
    if number == BROKEN:
        return b"\xff\xd8\xff\xe0" + bytes(5000)
    return page(SAME_AS if number == AGAIN else number)


async def begun(chat: Chat) -> None:
    """As far as the consents: from then on papers may be kept."""
    await chat.say("/start" if not chat.knows_phone else "hello")
    for known, said in enumerate(BEGIN, 1):
        await until(chat, lambda texts, known=known: len(texts) >= known)
        await chat.say(said)
    await until(chat, lambda texts: "name" in texts[-1])


async def until(chat: Chat, true: object, seconds: float = 60) -> list[str]:
    """What the bot said, once it is so."""
    end, texts = time.monotonic() + seconds, list[str]()
    while not (texts and true(texts)):  # type: ignore[operator]
        assert time.monotonic() < end, texts[-6:]
        await asyncio.sleep(0.2)
        texts = [bubble.text for bubble in await chat.bubbles()]
    return texts


async def breaks(rig: Rig, where: str) -> None:
    """The next download does not come the first time."""
    if where == "telegram":
        await rig.telegram.fault("download", code=502)
    else:
        await rig.twilio.fault("cdn", status=503)


@pytest.mark.parametrize("where", ["telegram", "whatsapp"])
async def test_an_album_of_twelve_pages(where: str) -> None:
    async with running(SAATHI_READING__ENGINE="off") as rig:
        chat: Chat = rig.on_telegram() if where == "telegram" else rig.on_whatsapp()
        await begun(chat)
        before = len(await chat.bubbles())
        for number in range(1, 13):
            if number == LATE:
                await breaks(rig, where)
            await chat.send(f"{number}.jpg", "image/jpeg", sent(number))
            await asyncio.sleep(1.0)
        texts = await until(chat, lambda texts: "10 pages are here" in texts[-1])
        said = texts[before:]
        assert any("send picture 5 once more" in text for text in said)
        assert len(said) <= 5, said
        await asyncio.sleep(PAUSE)
        await chat.send("5.jpg", "image/jpeg", page(BROKEN))
        await until(chat, lambda texts: "11 pages are here" in texts[-1])
        assert "ERROR" not in rig.saathi.log
