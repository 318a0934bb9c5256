"""A person's chat app: what they see and can do, the same on Telegram and on WhatsApp."""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from tests.fake_telegram import FakeTelegram, Photo
from tests.fake_twilio import FakeTwilio

# Asked for in Twilio's console: see `saathi check`. The fragment is not sent.
WEBHOOK = "/whatsapp#rc=3&rp=all"
FEW = 0.05


@dataclass(frozen=True)
class Bubble:
    """A message of the bot as on the screen: buttons as (id, title), a file as (name, bytes)."""

    ref: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    file: tuple[str, bytes] | None = None

    def has(self, button: str) -> bool:
        """Whether it shows a button with this id."""
        return any(name == button for name, _ in self.buttons)


class Chat(Protocol):
    """What a chat app lets a person do; False when the app shows the message as not sent."""

    knows_phone: bool

    async def say(self, text: str) -> bool: ...
    async def tap(self, bubble: Bubble, button: str) -> bool: ...
    async def send(self, name: str, mime: str, data: bytes) -> bool: ...
    async def bubbles(self) -> list[Bubble]: ...


class TelegramChat:
    """One person at the fake Telegram, which repeats what the bot did not take, for hours."""

    knows_phone = False

    def __init__(self, fake: FakeTelegram, chat: int, *, webhook: bool = True) -> None:
        self.fake, self.chat, self.webhook = fake, chat, webhook

    async def say(self, text: str) -> bool:
        """Type."""
        return await self._brought(await self.fake.text(self.chat, text))

    async def tap(self, bubble: Bubble, button: str) -> bool:
        """Press a button."""
        return await self._brought(await self.fake.tap(self.chat, button, int(bubble.ref)))

    async def send(self, name: str, mime: str, data: bytes) -> bool:
        """Send a photo as a photo, anything else as a file."""
        if mime == "image/jpeg":
            done = await self.fake.photo(self.chat, Photo(data))
        else:
            done = await self.fake.document(self.chat, Photo(data, name, mime))
        return await self._brought(done)

    async def _brought(self, done: Any) -> bool:
        while self.webhook and not done.dropped and not 200 <= done.status < 300:
            await asyncio.sleep(0.2)
            done = await self.fake.again(done.update_id)
        return True

    async def bubbles(self) -> list[Bubble]:
        """All of the bot's messages, oldest first."""
        said = [m for m in await self.fake.transcript(self.chat) if m["from"]["is_bot"]]
        return [await self._bubble(m) for m in said]

    async def _bubble(self, message: dict[str, Any]) -> Bubble:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = tuple((key["callback_data"], key["text"]) for row in rows for key in row)
        file = None
        if document := message.get("document"):
            file = await self.fake.content(document["file_id"])
        text = message.get("text") or message.get("caption", "")
        return Bubble(str(message["message_id"]), text, buttons, file)


class WhatsAppChat:
    """One person at the fake Twilio, which tries a webhook four times and then drops it."""

    knows_phone = True

    def __init__(self, fake: FakeTwilio, sender: str) -> None:
        self.fake, self.sender = fake, sender

    async def say(self, text: str) -> bool:
        """Type."""
        return await self._write(text)

    async def tap(self, bubble: Bubble, button: str) -> bool:
        """Press a button or a row."""
        title = next(title for name, title in bubble.buttons if name == button)
        return await self._write(tap={"sid": bubble.ref, "title": title})

    async def send(self, name: str, mime: str, data: bytes) -> bool:
        """Send a file."""
        return await self._write(media=[(mime, data)])

    async def _write(self, body: str = "", **more: Any) -> bool:
        done = await self.fake.write(self.sender, body, path=WEBHOOK, **more)
        return bool(200 <= done["status"] < 300)

    async def bubbles(self) -> list[Bubble]:
        """All of our messages, oldest first, as they were filled in."""
        sent = [m for m in await self.fake.look("messages") if m["to"] == self.sender]
        return [await self._bubble(m) for m in sent]

    async def _bubble(self, message: dict[str, Any]) -> Bubble:
        wanted = message["wanted"]
        file = None
        for link in wanted.get("MediaUrl", []):
            file = await _opened(link)
        shown: dict[str, Any] = next(iter(wanted.get("rendered", {}).values()), {})
        actions = [(one["id"], one["title"]) for one in shown.get("actions", [])]
        rows = [(one["id"], one["item"]) for one in shown.get("items", [])]
        text = shown.get("body") or wanted.get("Body", "")
        return Bubble(message["sid"], text, (*actions, *rows), file)


_opened_before: dict[str, tuple[str, bytes]] = {}


async def _opened(link: str) -> tuple[str, bytes]:
    """The file behind a link: the app loads it once."""
    if link not in _opened_before:
        async with httpx.AsyncClient(timeout=10) as client:
            got = (await client.get(link)).raise_for_status()
        _opened_before[link] = got.headers.get("content-disposition", ""), got.content
    return _opened_before[link]
