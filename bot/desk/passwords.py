"""Passwords as salted scrypt hashes, and a brake on guessing them."""

import base64
import hashlib
import hmac
import secrets
from collections import deque
from datetime import datetime, timedelta

SHORTEST = 12
LOG_COST = 15
WINDOW = timedelta(minutes=15)


def hashed(password: str) -> str:
    """`scrypt$cost$salt$hash`, so that a later cost can be higher."""
    salt = secrets.token_bytes(16)
    return f"scrypt${LOG_COST}${_text(salt)}${_text(_scrypt(password, salt, LOG_COST))}"


def matches(password: str, stored: str) -> bool:
    """Whether this is the password; takes as long for an account that is not there."""
    _, cost, salt, wanted = (stored or NOBODY).split("$")
    found = _text(_scrypt(password, base64.b64decode(salt), int(cost)))
    return hmac.compare_digest(found, wanted) and bool(stored)


def digest(token: str) -> str:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=1 << cost, r=8, p=1, maxmem=1 << 27, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


NOBODY = hashed(secrets.token_urlsafe())


class Brake:
    """At most so many tries in a quarter of an hour, for each key; in this process."""

    def __init__(self, tries: int) -> None:
        self._tries = tries
        self._failed: dict[str, deque[datetime]] = {}

    def held(self, key: str, now: datetime) -> bool:
        """Whether this key must wait."""
        times = self._failed.get(key, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        if not times:
            self._failed.pop(key, None)
        return len(times) >= self._tries

    def tried(self, key: str, now: datetime) -> None:
        """Count a try, before it is known how it ends."""
        self._failed.setdefault(key, deque()).append(now)

    def passed(self, key: str) -> None:
        """The right password takes the count back."""
        self._failed.pop(key, None)
