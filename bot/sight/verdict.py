"""What to say of a photograph: fine, weak, please again, or taken as it is."""

from typing import Literal

from bot.sight.look import Seen

Verdict = Literal["ok", "warn", "retake", "accepted_with_flag"]

TRIES = 2
WARN_STEEP, WARN_HEIGHT, WARN_SIDE = 2.6, 10.0, 1000


def verdict(seen: Seen, tries_before: int) -> tuple[Verdict, str]:
    """The verdict and its reason; after TRIES retakes a photo is taken with a flag."""
    if seen.fault:
        return ("retake" if tries_before < TRIES else "accepted_with_flag"), seen.fault
    return ("warn" if _weak(seen.measures) else "ok"), ""


def _weak(m: dict[str, float]) -> bool:
    return m["steep"] < WARN_STEEP or m["height"] < WARN_HEIGHT or m["side"] < WARN_SIDE
