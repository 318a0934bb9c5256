"""Leaves a dependency alone for a while that failed several times in a row."""

import time
from collections.abc import Callable

FAILURES, REST_SECONDS = 5, 15.0


class Breaker:
    """Closed at first; opens after `failures` in a row, for `rest` seconds; then one may try."""

    def __init__(
        self,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._rest, self._now = failures, rest, now
        self._failures = 0
        self._open_until = 0.0

    def resting(self) -> float:
        """Seconds until it may be asked again, 0 for now. Whoever gets 0 after a rest is alone."""
        left = self._open_until - self._now()
        if left > 0:
            return left
        if self._failures >= self._most:
            self._open_until = self._now() + self._rest
        return 0.0

    def worked(self) -> None:
        """It answered."""
        self._failures, self._open_until = 0, 0.0

    def failed(self) -> None:
        """It did not."""
        self._failures += 1
        if self._failures >= self._most:
            self._open_until = self._now() + self._rest
