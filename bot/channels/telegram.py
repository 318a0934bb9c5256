"""Telegram: python-telegram-bot for what goes out, our own reading of what comes in."""

import asyncio
import hmac
import logging
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from urllib.parse import quote, urlsplit, urlunsplit

from telegram.error import InvalidToken, TelegramError

from bot.channels import FetchFailed, Incoming, Limits, Refused, Reply, SendFailed, Webhook
from bot.channels.telegram_bot import Sender, quoting
from bot.channels.telegram_errors import BAD_TOKEN, NO_TOKEN, harmless, not_fetched, not_sent
from bot.channels.telegram_http import AiohttpRequest, UpdatesRequest
from bot.channels.telegram_layout import TEXT, Bubble, bubbles, input_file
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_updates import read
from bot.settings import SettingsError
from bot.settings import Telegram as TelegramSettings
from flows.messages import Address, Attachment

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105
JSON = "application/json"
LIMITS = Limits(
    text=TEXT,
    buttons=100,
    rows=100,
    button_title=64,
    row_title=64,
    row_about=0,
    body_with_options=TEXT,
    utf16=True,
)
LARGEST_IN = 20 * 2**20
LARGEST_OUT = 50 * 2**20

log = logging.getLogger(__name__)


class Telegram:
    """A bot.channels.Channel."""

    def __init__(
        self,
        bot: Sender,
        secret: str,
        http: AiohttpRequest,
        updates: UpdatesRequest | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.bot = bot
        self.secret = secret
        self.http = http
        self.updates = updates or UpdatesRequest()
        self.pace = pace or Pace()

    @property
    def limits(self) -> Limits:
        """What a Telegram message can show."""
        return LIMITS

    def verify(self, webhook: Webhook) -> None:
        """Refuse what does not carry our secret; without a secret, everything."""
        headers = {name.lower(): value for name, value in webhook.headers.items()}
        given = headers.get(SECRET_HEADER, "")
        if not self.secret or not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise Refused("not from Telegram")
        if headers.get("content-type", JSON).split(";")[0].strip().lower() != JSON:
            raise Refused("not JSON", 415)

    def parse(self, webhook: Webhook) -> Incoming:
        """The updates; a tap is acknowledged by the body of our answer."""
        return read(webhook.body)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file; Telegram hands out none above 20 MB."""
        if attachment.size > LARGEST_IN:
            raise FetchFailed("too_big", permanent=True)
        taken = 0
        try:
            file = await self.bot.get_file(attachment.ref)
            async with aclosing(self.http.stream(_escaped(file.file_path or ""))) as chunks:
                async for chunk in chunks:
                    taken += len(chunk)
                    if taken > LARGEST_IN:
                        raise FetchFailed("too_big", permanent=True)
                    yield chunk
        except TelegramError as error:
            raise not_fetched(error) from None

    async def send(self, to: Address, reply: Reply) -> str:
        """Send a reply and return Telegram's id of its last message."""
        if reply.file and reply.file.size > LARGEST_OUT:
            raise SendFailed("too_big", permanent=True)
        chat = int(to.reply_to or to.id)
        sent = ""
        for bubble in bubbles(reply):
            sent = await self._paced(chat, bubble)
        return sent

    async def acknowledge(self, query: str) -> None:
        """Stop the clock on a tapped button, where no webhook answer does it."""
        try:
            await self.bot.answer_callback_query(query)
        except TelegramError as error:
            if not harmless(error):
                log.warning("a tap was not acknowledged: %s", type(error).__name__)

    async def describe(self) -> str:
        """Where people find the bot; SettingsError when Telegram does not know it."""
        try:
            return f"https://t.me/{(await self.bot.get_me()).username}"
        except InvalidToken:
            raise SettingsError(BAD_TOKEN) from None

    async def stop(self) -> None:
        """Close all connections."""
        await asyncio.gather(self.http.shutdown(), self.updates.shutdown())

    async def _paced(self, chat: int, bubble: Bubble) -> str:
        if left := self.pace.held(chat):
            raise SendFailed("RetryAfter", retry_after=left)
        await self.pace.wait(chat)
        try:
            return await self._put(chat, bubble)
        except TelegramError as error:
            failed = not_sent(error)
            self.pace.hold(chat, failed.retry_after)
            raise failed from None

    async def _put(self, chat: int, bubble: Bubble) -> str:
        if not bubble.file:
            return await self.bot.send_words(chat, bubble.text, bubble.keyboard, bubble.quote)
        sent = await self.bot.send_document(
            chat,
            input_file(bubble.file),
            caption=bubble.text or None,
            reply_markup=bubble.keyboard,
            disable_content_type_detection=True,
            reply_parameters=quoting(bubble.quote) if bubble.quote else None,
        )
        return str(sent.message_id)


def open_telegram(settings: TelegramSettings, pace: Pace | None = None) -> Telegram:
    """The channel as configured; raises SettingsError where the token is missing."""
    # PTB's own switch to what its next release does; without it every 429 warns.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    # At DEBUG level PTB writes the token and every text into the log.
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    base = settings.api_url.rstrip("/")
    http, updates = AiohttpRequest(), UpdatesRequest()
    try:
        bot = Sender(
            settings.token.get_secret_value(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=http,
            get_updates_request=updates,
        )
    except InvalidToken:
        raise SettingsError(NO_TOKEN) from None
    return Telegram(bot, settings.secret.get_secret_value(), http, updates, pace)


def _escaped(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=quote(parts.path, safe="/:")))
