"""Telegram without a public address: ask for updates; with one: tell Telegram where to send."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import msgspec
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels import Incoming, Refused
from bot.channels.telegram import Telegram
from bot.channels.telegram_errors import BAD_TOKEN
from bot.channels.telegram_updates import KINDS, read
from bot.settings import SettingsError
from flows.messages import Update

LONG = 25
LONGEST_PAUSE = 30.0
CONFLICT = (
    "Telegram: another program reads this bot's updates, or has set a webhook. "
    "Stop it, or give each program a bot of its own."
)

Receive = Callable[[list[Update]], Awaitable[None]]
T = TypeVar("T")

log = logging.getLogger(__name__)


async def poll(
    telegram: Telegram, receive: Receive, stop: asyncio.Event, *, long: int = LONG
) -> None:
    """Bring updates to `receive` until `stop` is set; SettingsError on a wrong token.

    An update is confirmed to Telegram only after `receive` returned.
    """
    offset, failures, ready = 0, 0, False
    while not stop.is_set():
        try:
            ready = ready or bool(await _until(stop, telegram.bot.delete_webhook()))
            taken = await _until(stop, _take(telegram, offset, long)) if ready else None
            offset = await _hand_on(telegram, receive, taken or [], offset)
            failures = 0
        except InvalidToken:
            raise SettingsError(BAD_TOKEN) from None
        except Exception as error:
            failures += 1
            _report(error)
            await _until(stop, asyncio.sleep(min(LONGEST_PAUSE, 0.25 * 2**failures)))


async def set_webhook(telegram: Telegram, url: str) -> None:
    """Have Telegram send updates to `url`; SettingsError or TelegramError otherwise."""
    if not telegram.secret:
        raise SettingsError("channels.telegram.secret: a webhook needs a secret")
    try:
        await telegram.bot.set_webhook(
            url, secret_token=telegram.secret, allowed_updates=KINDS, max_connections=100
        )
    except InvalidToken:
        raise SettingsError(BAD_TOKEN) from None


async def watch(telegram: Telegram, url: str, stop: asyncio.Event, *, every: float = 60.0) -> None:
    """See that Telegram still sends to `url`, and tell the log when updates cannot reach us."""
    while await _until(stop, asyncio.sleep(every, True)):
        try:
            await _look(telegram, url)
        except TelegramError as error:
            _report(error)
        except Exception as error:
            # Whatever something in between answers for Telegram, it ends no chat.
            log.warning("Telegram: the webhook was not looked at: %s", type(error).__name__)


async def _look(telegram: Telegram, url: str) -> None:
    info = await telegram.bot.get_webhook_info()
    if info.url != url:
        log.error("Telegram: somebody took the webhook away; it is set again")
        await set_webhook(telegram, url)
    elif info.pending_update_count and info.last_error_date:
        waiting, why = info.pending_update_count, info.last_error_message
        log.error("Telegram: %d updates cannot reach us: %s", waiting, why)


async def _take(telegram: Telegram, offset: int, long: int) -> list[dict[str, Any]]:
    await telegram.bot.get_updates(offset=offset, timeout=long, allowed_updates=KINDS)
    return telegram.updates.taken


async def _hand_on(
    telegram: Telegram, receive: Receive, taken: list[dict[str, Any]], offset: int
) -> int:
    """Store what came, acknowledge the taps, and return the next offset."""
    if not taken:
        return offset
    read_all = [_read(update) for update in taken]
    if updates := [update for incoming in read_all for update in incoming.updates]:
        await receive(updates)
    await asyncio.gather(*(_acknowledge(telegram, incoming) for incoming in read_all))
    return max(int(update["update_id"]) for update in taken) + 1


def _read(update: dict[str, Any]) -> Incoming:
    try:
        return read(msgspec.json.encode(update))
    except Refused:
        return Incoming()


async def _acknowledge(telegram: Telegram, incoming: Incoming) -> None:
    if incoming.answer:
        await telegram.acknowledge(msgspec.json.decode(incoming.answer)["callback_query_id"])


async def _until(stop: asyncio.Event, doing: Coroutine[Any, Any, T]) -> T | None:
    """Do it, or leave it and return None as soon as `stop` is set."""
    task = asyncio.ensure_future(doing)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        stopped.cancel()


def _report(error: Exception) -> None:
    if isinstance(error, Conflict):
        log.error(CONFLICT)
    elif isinstance(error, TelegramError):
        log.warning("Telegram did not answer: %s", type(error).__name__)
    else:
        log.error("updates from Telegram could not be stored: %s", type(error).__name__)
