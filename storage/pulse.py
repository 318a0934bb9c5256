"""Whether this process has told for some seconds, without a gap, that it lives."""

import time
from collections.abc import Callable

STEADY_SECONDS, GAP_SECONDS = 6.0, 3.0


class Pulse:
    """A process that has just lost Redis must not take others for dead, who lost it too."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since = self._last = float("-inf")

    def steady(self) -> bool:
        """Whether it has beaten long enough to judge others."""
        now = self._now()
        return now - self._last < GAP_SECONDS and now - self._since >= STEADY_SECONDS

    def beaten(self) -> None:
        """Redis was told."""
        now = self._now()
        if now - self._last >= GAP_SECONDS:
            self._since = now
        self._last = now
