"""The signature of the events that a review backend sends."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from bot.channels import Refused

HEADER = "X-Saathi-Signature"
TOLERANCE = 300


def sign(body: bytes, secret: str, now: datetime) -> str:
    """The header's value: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    stamp = str(int(now.timestamp()))
    return f"t={stamp},v1={_digest(stamp, body, secret)}"


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Raise Refused unless the holder of the secret signed this within five minutes."""
    stamp, given = claimed(headers, secret, now)
    wanted = _digest(stamp, body, secret)
    # Two are sent while a secret is being changed: one good one is enough.
    if not any(hmac.compare_digest(wanted, one) for one in given):
        raise Refused("wrong signature")


def claimed(headers: Mapping[str, str], secret: str, now: datetime) -> tuple[str, list[str]]:
    """The stamp and the signatures; Refused where no body at all could be right."""
    stamp, given = _read(headers)
    if not secret:
        raise Refused("no webhook secret is set")
    if not stamp.isdecimal() or len(stamp) > 12 or not given:
        raise Refused("no signature")
    if abs(int(stamp) - now.timestamp()) > TOLERANCE:
        raise Refused("signed too long ago or too far ahead")
    return stamp, given


def _read(headers: Mapping[str, str]) -> tuple[str, list[str]]:
    values = [value for name, value in headers.items() if name.lower() == HEADER.lower()]
    parts = [part.strip().partition("=") for part in ",".join(values).split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1" and value.isascii()]
    return (stamps[0] if stamps else ""), given[:4]


def _digest(stamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
