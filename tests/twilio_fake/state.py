"""Everything the fake remembers."""

import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

DAY = 86_400


def dated(at: float) -> str:
    """A time (seconds since 1970) as Twilio writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(at))


@dataclass
class File:
    """A file that a person sent."""

    content: bytes
    mime: str
    message: str


@dataclass
class Fault:
    """What goes wrong next. `delay` alone: accepted, but answered late."""

    where: str
    status: int = 0
    code: int = 0
    delay: float = 0.0
    times: int = 1
    html: bool = False


@dataclass
class State:
    """One account with one sender."""

    account: str
    token: str
    sender: str = "whatsapp:+14155238886"
    base: str = ""
    app_url: str = ""
    public_url: str = "https://saathi.example"
    shuffle: bool = False
    times: int = 1
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    inbound: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    opted_out: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def sid(self, prefix: str) -> str:
        """A new id that looks like Twilio's."""
        return f"{prefix}{self.chance.getrandbits(96):024x}{next(self.numbers):08x}"

    def window_open(self, to: str) -> bool:
        """Whether this person wrote within the last 24 hours."""
        return time.time() - self.heard.get(to, 0) < DAY

    def fault(self, where: str) -> Fault | None:
        """The next fault that waits here, used up."""
        for fault in self.faults:
            if fault.where == where and fault.times > 0:
                fault.times -= 1
                return fault
        return None
