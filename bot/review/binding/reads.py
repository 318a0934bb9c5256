"""What is made of pages that were read, handed to the binding by whoever wires it."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from nlu.report.fact import Fact
from nlu.report.facts import facts_of
from nlu.report.kind import kind_of
from nlu.report.page import PageText

# Below this a machine's word about the kind is not worth a remark.
SURE = 0.93


def surely(pages: Sequence[PageText]) -> str:
    """The checklist id that these pages are by their words; empty where that is not sure."""
    guess = kind_of(pages)
    return guess.kind if guess.sure >= SURE else ""


class Reads(Struct, frozen=True):
    """Finds the facts on pages, and their kind where that is sure."""

    facts: Callable[[Sequence[PageText]], Sequence[Fact]] = facts_of
    kind: Callable[[Sequence[PageText]], str] = surely
