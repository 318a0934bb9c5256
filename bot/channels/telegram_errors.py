"""What Telegram's errors mean for us: try again, wait, or give up."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels import FetchFailed, SendFailed

NO_TOKEN = "channels.telegram.token: no token is set; @BotFather gives one"  # noqa: S105
BAD_TOKEN = "channels.telegram.token: Telegram does not know this token; ask @BotFather"  # noqa: S105
HARMLESS = ("not modified", "query is too old")


def not_sent(error: TelegramError) -> SendFailed:
    """Why a message did not go out."""
    # BadRequest is a NetworkError for PTB: it has to be asked for first.
    match error:
        case Forbidden():
            return SendFailed("blocked", permanent=True)
        case RetryAfter():
            return SendFailed("RetryAfter", retry_after=seconds(error))
        case BadRequest() | InvalidToken() | ChatMigrated():
            return SendFailed(type(error).__name__, permanent=True)
        case _:
            # A timeout may hide a delivered message: asked twice beats never asked.
            return SendFailed(type(error).__name__)


def not_fetched(error: TelegramError) -> FetchFailed:
    """Why a file did not come."""
    if isinstance(error, BadRequest) and "too big" in error.message:
        return FetchFailed("too_big", permanent=True)
    # "wrong file_id or the file is temporarily unavailable" says both.
    passing = not isinstance(error, BadRequest) or "temporarily" in error.message
    return FetchFailed(type(error).__name__, permanent=not passing)


def harmless(error: TelegramError) -> bool:
    """Whether Telegram only says that there was nothing left to do."""
    said = error.message.lower()
    return isinstance(error, BadRequest) and any(words in said for words in HARMLESS)


def seconds(error: RetryAfter) -> float:
    """PTB gives a number now and a timedelta in its next release."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
