"""What a machine read on the pages of a case, value by value, each with its place."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from msgspec import Struct, to_builtins

from nlu.report.fact import Fact
from nlu.report.page import Box

NOTICE = "Machine-read, unverified"
ABOUT = (
    "A machine read these values from the pages; nobody has checked them. Only what stands "
    "printed is listed, nothing is inferred. Please look at the page before using a value."
)
THIRDS = ("upper third", "middle", "lower third")


class Value(Struct, frozen=True):
    """One value; `fact.page` is the page within its document's bound PDF.

    `document` is the original's content hash, `strip` the place of its picture among the
    strips (-1: there is none).
    """

    fact: Fact
    slot: str
    label: str
    dated: str
    document: str
    strip: int = -1

    @property
    def printed(self) -> str:
        """The value as it stands on the page."""
        return f"{self.fact.value} {self.fact.unit}".strip()

    @property
    def name(self) -> str:
        """What it is, in words."""
        return self.fact.name.replace("_", " ")

    @property
    def place(self) -> str:
        """Where to look, in words."""
        _, top, _, bottom = self.fact.box
        third = THIRDS[min(int((top + bottom) / 2 * 3), 2)]
        return f"page {self.fact.page}, {third}"


class Group(Struct, frozen=True):
    """Values under one heading."""

    title: str
    values: tuple[Value, ...]


class Summariser(Protocol):
    """Puts the values into groups; whatever it is, it can add no value and change none."""

    async def summarise(self, values: Sequence[Value]) -> Sequence[Group]: ...


class Plain:
    """The plain table: the values as they stand, document by document."""

    async def summarise(self, values: Sequence[Value]) -> Sequence[Group]:
        """One group for each document, in the order of the dossier."""
        titles = dict.fromkeys(value.label for value in values)
        return [
            Group(title, tuple(value for value in values if value.label == title))
            for title in titles
        ]


async def groups_of(summariser: Summariser, values: Sequence[Value]) -> tuple[Group, ...]:
    """The summariser's groups, without any value that was not given to it."""
    given, made = set(map(_key, values)), await summariser.summarise(values)
    kept = [
        Group(one.title, tuple(value for value in one.values if _key(value) in given))
        for one in made
    ]
    return tuple(one for one in kept if one.values)


def differing(values: Iterable[Value]) -> dict[str, list[Value]]:
    """What stands with more than one value, by its name: all of them are shown."""
    found: dict[str, dict[str, Value]] = {}
    for value in values:
        found.setdefault(value.name, {}).setdefault(value.printed.casefold(), value)
    return {name: list(ways.values()) for name, ways in found.items() if len(ways) > 1}


def as_data(number: str, values: Sequence[Value]) -> dict[str, Any]:
    """The same for machines; a box is left, top, right, bottom in shares of the page."""
    differ = differing(values)
    rows = [
        {
            "document": value.slot,
            "label": value.label,
            "date": value.dated,
            "sha256": value.document,
            **to_builtins(value.fact),
            "place": value.place,
            "differs": value.name in differ,
        }
        for value in values
    ]
    return {"case": number, "notice": NOTICE, "about": ABOUT, "facts": rows}


def _key(value: Value) -> tuple[str, str, str, str, int, Box]:
    fact = value.fact
    return value.document, fact.name, fact.value, fact.unit, fact.page, fact.box
