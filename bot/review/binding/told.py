"""The machine-read values of a case found, pictured, grouped and kept as two files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import msgspec
from msgspec.structs import replace

from bot.found import PDF
from bot.review.binding.fetch import Bench
from bot.review.binding.sheet import Counted, Wanted
from bot.review.binding.slot import Slot
from bot.review.binding.values import Value, as_data, groups_of
from bot.review.derived import Derived
from bot.workshop.shop import Lost
from flows.conversation import Case
from nlu.report.fact import Fact
from nlu.report.page import PageText
from storage.documents import once

JSON = "application/json"
LARGEST = 30_000_000
# More strips than anybody looks at; the values beyond still name their page.
MOST_STRIPS = 200


@dataclass
class Told:
    """What was read so far, document after document."""

    values: list[Value] = field(default_factory=list)
    strips: list[bytes] = field(default_factory=list)
    read: bool = False

    async def add(self, app: Bench, slot: Slot) -> None:
        """The values of one document, with their strips, while its files are at hand."""
        pages = _pages(slot)
        self.read = self.read or any(page.lines for page in pages)
        found = [_value(slot, fact) for fact in app.reads.facts(pages)]
        cut = await _strips(app, slot, found)
        for value, strip in zip(found, cut, strict=True):
            place = len(self.strips) if strip and len(self.strips) < MOST_STRIPS else -1
            self.strips += [strip] if place >= 0 else []
            self.values.append(replace(value, strip=place))

    async def kept(self, app: Bench, case: Case) -> list[Derived]:
        """The summary to read and the one for machines; none where nothing was read."""
        if not self.read:
            return []
        groups = await groups_of(app.summariser, self.values)
        given = {"number": case.number, "groups": groups}
        told, made = await app.bindery.do(Counted, "summary", given, *self.strips)
        data = msgspec.json.encode(as_data(case.number, self.values))
        sources = tuple(dict.fromkeys((one.slot, one.document) for one in self.values))
        return [
            await _kept(
                app, case, Derived("summary", "", PDF, 0, told.pages[0], "", sources), made[0]
            ),
            await _kept(app, case, Derived("facts", "", JSON, 0, 0, "", sources), data),
        ]


async def _kept(app: Bench, case: Case, made: Derived, data: bytes) -> Derived:
    kept = await app.documents.keep(case.id, once(data), LARGEST)
    return replace(made, document=kept.document, size=kept.size)


def _pages(slot: Slot) -> list[PageText]:
    """What was read, page by page of the bound PDF; a page that was not read has no lines."""
    found: list[PageText] = []
    for sheet, count in zip(slot.sheets, slot.pages, strict=True):
        read = sheet.text.pages[:count]
        found += [*read, *(PageText() for _ in range(count - len(read)))]
    return found


def _value(slot: Slot, fact: Fact) -> Value:
    sheet, _ = _at(slot, fact.page)
    paper, label = slot.papers[sheet], slot.part.label
    return Value(fact, slot.name, label, slot.sheets[sheet].dated, paper.document)


def _at(slot: Slot, page: int) -> tuple[int, int]:
    """The sheet that a page of the bound PDF comes from, and the page within it, from 0."""
    ends = list(accumulate(slot.pages))
    sheet = next((n for n, end in enumerate(ends) if page <= end), len(ends) - 1)
    return sheet, page - 1 - (ends[sheet] - slot.pages[sheet])


async def _strips(app: Bench, slot: Slot, values: Sequence[Value]) -> list[bytes]:
    if not values:
        return []
    wanted = [Wanted(*_at(slot, value.fact.page), value.fact.box) for value in values]
    bare = [replace(sheet, data=b"") for sheet in slot.sheets]
    given = {"sheets": bare, "wanted": wanted}
    try:
        _, made = await app.bindery.do(Counted, "strips", given, *(one.data for one in slot.sheets))
    except Lost:
        return [b""] * len(values)
    return made
