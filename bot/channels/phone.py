"""The phone page as a channel: for trying Saathi in a browser, with WhatsApp's limits."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from starlette.routing import Route

from bot.channels import FetchFailed, Incoming, Limits, Refused, Reply, SendFailed, Webhook
from bot.channels.fit import split
from bot.channels.phone_store import Card, Entry, Seal, Store, TooBig
from flows.messages import Address, Attachment, Delivery, Message, Receipt, Update

MAX_FILE = 20_000_000
PHONE = re.compile(r"[a-z0-9]{16,64}")
IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{8,80}")
WITH_FILE = {"photo", "document", "voice", "audio", "video", "sticker"}
KINDS = WITH_FILE | {"text", "location", "contact", "other"}
Receive = Callable[[list[Update]], Awaitable[object]]
T = TypeVar("T")


class Posted(Struct, frozen=True):
    """What the page posts: one message, its files already kept."""

    phone: str
    id: str
    text: str = ""
    choice: str = ""
    quoted: str = ""
    kind: str = "text"
    order: int = 0
    album: str = ""
    start: str = ""
    language_hint: str = ""
    files: tuple[Card, ...] = ()


class Seen(Struct, frozen=True):
    """What the page tells of Saathi's bubbles: on the phone (2) or before the eyes (3)."""

    phone: str
    ids: tuple[str, ...]
    tick: int


class Chat:
    """One phone's transcript in memory, and the pages that show it."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = [entry for entry in entries if not entry.tick]
        self.ticks = {entry.id: entry.tick for entry in entries if entry.tick}
        self.ids = {entry.id for entry in self.entries}
        self.last = max((entry.n for entry in entries), default=0)
        self.pages: set[asyncio.Queue[Entry | None]] = set()

    def show(self, entry: Entry) -> None:
        """Remember a bubble and hand it to every open page."""
        self.entries.append(entry)
        self.ids.add(entry.id)
        for page in self.pages:
            page.put_nowait(entry)


class Phone:
    """The four verbs, and the transcript behind the page."""

    limits = Limits(
        text=1600,
        buttons=3,
        rows=10,
        button_title=20,
        row_title=24,
        row_about=72,
        body_with_options=1024,
    )

    def __init__(
        self,
        folder: Path,
        receive: Receive,
        seal: Seal,
        open_sealed: Seal,
        now: Callable[[], datetime],
    ) -> None:
        self.store = Store(folder, seal, open_sealed)
        self.receive = receive
        self.now = now
        self.token = secrets.token_urlsafe(24)
        self.chats: dict[str, Chat] = {}
        self.closed = False

    def routes(self) -> list[Route]:
        """The page, its files, and what its script calls."""
        from bot.channels.phone_web import routes

        return routes(self)

    def verify(self, webhook: Webhook) -> None:
        """Only a page that this process handed out may post."""
        try:
            cookies = SimpleCookie(webhook.headers.get("cookie", ""))
        except CookieError:
            cookies = SimpleCookie()
        given = cookies.get(cookie_name(webhook.url))
        if not given or not secrets.compare_digest(given.value.encode(), self.token.encode()):
            raise Refused("no page of this start")

    def parse(self, webhook: Webhook) -> Incoming:
        """One message of the page."""
        posted = decode(webhook.body, Posted)
        self._check(posted)
        return Incoming([self._message(posted)], b"{}", "application/json")

    async def accept(self, posted: Posted) -> None:
        """Show a message on the phone and pass it on; the same id twice is shown once."""
        chat = self.chat(posted.phone)
        updates = [self._message(posted)]
        if posted.id not in chat.ids:
            self._add(posted.phone, self._own_entry(posted, chat.last + 1))
        await self.receive(list[Update](updates))

    async def seen(self, seen: Seen) -> None:
        """Report how far Saathi's bubbles got, each step once."""
        chat, sender = self.chat(seen.phone), address(seen.phone)
        receipts: list[Update] = []
        for entry in chat.entries:
            if entry.mine or entry.id not in seen.ids or chat.ticks.get(entry.id, 0) >= seen.tick:
                continue
            chat.last += 1
            chat.ticks[entry.id] = seen.tick
            self.store.append(seen.phone, Entry(chat.last, entry.id, self.now(), tick=seen.tick))
            receipt_id = f"{entry.id}.{seen.tick}"
            receipts.append(Receipt(receipt_id, sender, entry.id, Delivery(seen.tick)))
        if receipts:
            await self.receive(receipts)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that the page sent."""
        if not self.store.has(attachment.ref):
            raise FetchFailed("gone", permanent=True)
        for piece in self.store.pieces(attachment.ref):
            yield piece

    async def send(self, to: Address, reply: Reply) -> str:
        """Show a reply on the phone, long words in parts; refuses what WhatsApp would refuse."""
        if not PHONE.fullmatch(to.id):
            raise SendFailed("no_such_phone", permanent=True)
        if fault := too_much(reply, self.limits):
            raise SendFailed(fault, permanent=True)
        card = await self._file_of(to.id, reply)
        *before, last = parts(reply, self.limits)
        for part in before:
            self._add(to.id, self._reply_entry(to.id, part, None))
        entry = self._reply_entry(to.id, last, card)
        self._add(to.id, entry)
        return entry.id

    def chat(self, phone: str) -> Chat:
        """A phone's chat, read from disk at first."""
        if phone not in self.chats:
            self.chats[phone] = Chat(self.store.read(phone))
        return self.chats[phone]

    def close(self) -> None:
        """End every open event stream, so that the web server can stop."""
        self.closed = True
        for chat in self.chats.values():
            for page in chat.pages:
                page.put_nowait(None)

    def _check(self, posted: Posted) -> None:
        known = PHONE.fullmatch(posted.phone) and IDENTIFIER.fullmatch(posted.id)
        ours = all(self.store.has(card.ref) for card in posted.files)
        if not known or not ours or posted.kind not in KINDS or len(posted.files) > 1:
            raise Refused("malformed", 400)

    def _message(self, posted: Posted) -> Message:
        files = tuple(Attachment(f.ref, f.mime, f.name, f.size) for f in posted.files)
        fields = {
            name: getattr(posted, name)
            for name in ("text", "choice", "kind", "order", "quoted", "album", "start")
        }
        return Message(
            posted.id,
            address(posted.phone),
            attachments=files,
            language_hint=posted.language_hint[:20],
            **fields,
        )

    def _own_entry(self, posted: Posted, n: int) -> Entry:
        card = posted.files[0] if posted.files else None
        return Entry(
            n=n,
            id=posted.id,
            at=self.now(),
            mine=True,
            kind=posted.kind,
            text=posted.text,
            file=card,
            choice=posted.choice,
            quoted=posted.quoted,
            album=posted.album,
        )

    def _reply_entry(self, phone: str, reply: Reply, card: Card | None) -> Entry:
        return Entry(
            n=self.chat(phone).last + 1,
            id=f"phone-{secrets.token_hex(10)}",
            at=self.now(),
            text=reply.text,
            buttons=reply.buttons,
            as_list=reply.as_list,
            list_title=reply.list_title,
            language=reply.language,
            file=card,
        )

    def _add(self, phone: str, entry: Entry) -> None:
        chat = self.chat(phone)
        self.store.append(phone, entry)
        chat.last = entry.n
        chat.show(entry)

    async def _file_of(self, phone: str, reply: Reply) -> Card | None:
        if not reply.file:
            return None
        try:
            ref, size = await self.store.keep(phone, reply.file.read(), MAX_FILE)
        except TooBig as error:
            raise SendFailed("file_too_big", permanent=True) from error
        return Card(ref, reply.file.name, reply.file.mime, size)


def decode(body: bytes, kind: type[T]) -> T:
    """A posted JSON body, or Refused."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Refused("malformed", 400) from error


def address(phone: str) -> Address:
    """Who writes on a phone."""
    return Address("phone", phone, phone)


def cookie_name(url: str) -> str:
    """Browsers share cookies between the ports of a host, so each has its own name."""
    return f"saathi_phone_{urlsplit(url).port or 0}"


def parts(reply: Reply, limits: Limits) -> list[Reply]:
    """A reply as the bubbles that hold all of its words; the taps are on the last one."""
    most = limits.body_with_options if reply.buttons else limits.text
    *before, last = split(reply.text, most)
    told = [Reply(text, language=reply.language) for text in before]
    return [*told, replace(reply, text=last)]


def too_much(reply: Reply, limits: Limits) -> str:
    """What of a reply is beyond the limits, or nothing."""
    listed = reply.as_list
    most, title = (
        (limits.rows, limits.row_title) if listed else (limits.buttons, limits.button_title)
    )
    if len(reply.buttons) > most:
        return "too_many_options"
    if any(len(button.title) > title for button in reply.buttons):
        return "option_title_too_long"
    if listed and any(len(button.about) > limits.row_about for button in reply.buttons):
        return "option_about_too_long"
    return ""
