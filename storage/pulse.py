"""Whether this process may judge others: it lost Redis never, or some seconds ago."""

import time
from collections.abc import Callable

STEADY_SECONDS, GAP_SECONDS = 6.0, 3.0


class Pulse:
    """A process that has just lost Redis must not take others for dead, who lost it too.

    A new one has lost nothing; whether the others could tell, Redis knows.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since = float("-inf")
        self._last: float | None = None

    def steady(self) -> bool:
        """Whether it has beaten long enough since it lost Redis."""
        now = self._now()
        if self._last is None:
            return True
        return now - self._last < GAP_SECONDS and now - self._since >= STEADY_SECONDS

    def beaten(self) -> None:
        """Redis was told."""
        now = self._now()
        if self._last is not None and now - self._last >= GAP_SECONDS:
            self._since = now
        self._last = now
