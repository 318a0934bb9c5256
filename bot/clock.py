"""The time in India."""

from datetime import datetime

from flows.turnaround import ZONE


def now() -> datetime:
    """The time in India."""
    return datetime.now(ZONE)
