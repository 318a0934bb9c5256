"""Named points at which a test may end the process; only code of a test can arm them.

No setting, environment variable or command leads here: in production `reach` calls nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from flows.effects import Effect

EFFECTS = tuple(kind.__name__ for kind in get_args(Effect))
JOBS = ("submit", "tell", "bind", "read", "wake", "erase")
_FOLDER = Path(__file__).parent / "lua"
SCRIPTS = tuple(sorted(each.stem for each in _FOLDER.glob("*.lua") if each.stem != "common"))
POINTS = frozenset(
    {
        "page.kept",
        "upload.kept",
        "upload.told",
        "record.written",
        "log.written",
        "dead.written",
        *(f"{script}.{when}" for script in SCRIPTS for when in ("asked", "answered")),
        *(f"{effect}.{when}" for effect in EFFECTS for when in ("begun", "performed")),
        *(f"{job}.{when}" for job in JOBS for when in ("started", "ended")),
    }
)


def _nothing(point: str) -> None:
    """What a point does outside of tests."""


_reached: Callable[[str], None] = _nothing


def reach(point: str) -> None:
    """This point of the way is reached."""
    _reached(point)


def arm(reached: Callable[[str], None]) -> None:
    """For tests alone: what happens at each point."""
    global _reached
    _reached = reached
