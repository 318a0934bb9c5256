"""What each of Twilio's error codes means for a reply: again, later, never, or a template."""

import asyncio
from dataclasses import dataclass

from aiohttp import ClientError
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from bot.channels import SendFailed


@dataclass(frozen=True)
class _Fate:
    permanent: bool = True
    retry_after: float = 0.0
    window_closed: bool = False


NEVER = _Fate()
CLOSED = _Fate(window_closed=True)


def _later(seconds: float) -> _Fate:
    return _Fate(permanent=False, retry_after=seconds)


FATES = {
    "20003": _later(60),  # our credentials: the message is fine, the operator must act
    "20404": NEVER,  # content or message not found
    "20429": _later(2),  # too many requests
    "20500": _later(5),
    "20503": _later(5),
    "21211": NEVER,  # not an address
    "21603": NEVER,  # no sender
    "21606": NEVER,  # the sender is not ours
    "21609": NEVER,  # status callback is not an address
    "21610": NEVER,  # the person opted out
    "21614": NEVER,
    "21617": NEVER,  # over 1600 characters
    "21619": NEVER,  # nothing to send
    "21620": NEVER,  # media link is not an address
    "21654": NEVER,
    "21655": NEVER,  # content is not valid
    "21656": NEVER,  # variables are not valid
    "30001": _later(60),  # queue overflow
    "30007": NEVER,
    "30008": _later(30),  # unknown error on the way
    "63003": NEVER,  # not found on the channel
    "63005": NEVER,  # WhatsApp refused the content
    "63010": _later(30),  # WhatsApp's own failure
    "63012": _later(30),
    "63013": NEVER,  # breaks WhatsApp's policy
    "63016": CLOSED,
    "63017": _later(10),  # over the account's rate
    "63018": _later(30),  # over the sender's rate, or one person's
    "63019": NEVER,  # our media link did not work
    "63024": NEVER,  # not on WhatsApp
    "63032": NEVER,  # in an experiment of Meta's
    "63038": _later(3600),  # the account's daily limit
    "63049": NEVER,  # Meta chose not to deliver
    "63051": NEVER,  # account locked
}
UNREACHED = (ClientError, asyncio.TimeoutError, OSError, ValueError)
"""Among them a read timeout, which may hide a delivered reply."""
FAILURES = (TwilioException, *UNREACHED)


def failure(code: str, status: int = 400) -> SendFailed:
    """The failure for a code, from an answer or from a Receipt."""
    fate = FATES.get(code)
    if fate is None:
        passing = status in (408, 425, 429) or status >= 500
        fate = _later(2) if passing else NEVER
    return SendFailed(
        code,
        permanent=fate.permanent,
        retry_after=fate.retry_after,
        window_closed=fate.window_closed,
    )


def failed(error: BaseException) -> SendFailed:
    """The failure without the provider's words: they quote numbers and addresses."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return failure(str(error.code or error.status), error.status)
    return SendFailed(type(error).__name__)
