"""`saathi`, with the providers' speed limits lifted and shorter leases: a long talk in a minute.

WhatsApp allows one person a message in six seconds, and what a killed process held is
taken up after half a minute; a test has not that much time. Nothing else is different.
"""

from bot import work
from bot.channels import telegram_pace, twilio_pace
from bot.cli import main
from storage.redis_mailbox import RedisMailbox

LEASE = 3.0


def hurry() -> None:
    """Make the defaults short."""
    twilio_pace.Pace.__init__.__defaults__ = (
        0.0,
        *(twilio_pace.Pace.__init__.__defaults__ or ())[1:],
    )
    telegram_pace.Pace.__init__.__defaults__ = (
        100.0,
        *(telegram_pace.Pace.__init__.__defaults__ or ())[1:],
    )
    defaults = RedisMailbox.__init__.__kwdefaults__ or {}
    defaults["lease_seconds"] = defaults["turn_seconds"] = LEASE
    work.RESCUE_EVERY = 2.0


if __name__ == "__main__":
    hurry()
    main()
