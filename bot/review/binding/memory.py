"""One case is bound at a time, and a case that is sent again is not bound again."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256

from msgspec import json

from bot.review.derived import Derived
from flows.conversation import Case

MOST = 200


@dataclass
class Memory:
    """What was made lately; `lock` keeps two cases' files from memory at once."""

    made: dict[str, tuple[Derived, ...]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def find(self, case: Case) -> tuple[Derived, ...] | None:
        """What was made of exactly these papers."""
        return self.made.get(_key(case))

    def keep(self, case: Case, made: tuple[Derived, ...]) -> None:
        """Remember it; the oldest is forgotten."""
        self.made[_key(case)] = made
        while len(self.made) > MOST:
            del self.made[next(iter(self.made))]


def _key(case: Case) -> str:
    told = (case.id, list(case.papers.items()), list(case.waivers.items()))
    return sha256(json.encode(told)).hexdigest()
