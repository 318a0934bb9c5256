"""What a look at a file comes to."""

from msgspec import Struct


class Found(Struct, frozen=True):
    """What the look found; see `DocumentKept` for the words."""

    verdict: str
    reason: str = ""
    pages: int = 1
    measures: dict[str, float] = {}
    likeness: str = ""
    about: dict[str, str] = {}
