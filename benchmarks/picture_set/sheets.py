"""The strips of a report, page by page, before they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from benchmarks.picture_set import heads, marks
from benchmarks.picture_set.reports import Block, Report
from benchmarks.picture_set.strips import Strip, beside, paragraph, stack
from benchmarks.picture_set.styles import Style
from benchmarks.picture_set.tables import boxed, fields, table, wobble

BY_HAND = 1.5
FOOT = 280
COLUMN_GAP = 50
NAMED_AGAIN = 0.7
MOST_PAGES = 3


@dataclass(frozen=True)
class Sheet:
    """Strips of one page before they are printed."""

    top: tuple[Strip, ...]
    columns: tuple[tuple[Strip, ...], ...]
    named: bool

    @property
    def strips(self) -> tuple[Strip, ...]:
        """All of them, in reading order."""
        return (*self.top, *(strip for column in self.columns for strip in column))

    @property
    def lines(self) -> tuple[str, ...]:
        """What is written on the page."""
        return tuple(line for strip in self.strips for line in strip.lines)

    @property
    def facts(self) -> frozenset[str]:
        """The facts that stand on the page."""
        return frozenset().union(*(strip.facts for strip in self.strips))


def block_strip(block: Block, style: Style, wide: int, rng: Random) -> Strip:
    """One block, framed or written by hand if the style says so."""
    inner = wide - 24 if style.frame else wide
    made = stack(parts(block, style, inner, rng), gap=2)
    made = replace(made, facts=block.facts)
    return boxed(made, 12) if style.frame else made


def parts(block: Block, style: Style, wide: int, rng: Random) -> list[Strip]:
    """Heading and content."""
    made = [paragraph(block.heading, style.label, wide)] if block.heading else []
    content = content_strip(block, style, wide)
    if style.wobble:
        content = wobble(content, style.wobble, rng)
    return [*made, content]


def content_strip(block: Block, style: Style, wide: int) -> Strip:
    """A table, fields, a list or text."""
    if block.table:
        rows = [block.table["columns"], *block.table["rows"]]
        return table(rows, style.label, style.body, wide, style.ruled)
    if block.fields:
        return fields(block.fields, style.label, style.body, wide)
    if block.items:
        numbered = [f"{n}. {item}" for n, item in enumerate(block.items, 1)]
        return stack([paragraph(item, style.body, wide, style.body.px) for item in numbered])
    return paragraph(block.text, style.body, wide)


def paginate(
    blocks: Sequence[tuple[Block, Strip]], rooms: tuple[int, int], gap: int
) -> list[list[Strip]]:
    """Strips page by page; where that makes too many pages, only full pages end."""
    pages = broken([(block.new_page, strip) for block, strip in blocks], rooms, gap)
    if len(pages) <= MOST_PAGES:
        return pages
    return broken([(False, strip) for _, strip in blocks], rooms, gap)


def broken(
    strips: Sequence[tuple[bool, Strip]], rooms: tuple[int, int], gap: int
) -> list[list[Strip]]:
    """Strips page by page: a new page where one is wanted or the room ends."""
    pages, used = [list[Strip]()], 0
    for wanted, strip in strips:
        room = rooms[len(pages) > 1]
        if pages[-1] and (wanted or used + strip.image.height > room):
            pages, used = [*pages, []], 0
        pages[-1].append(strip)
        used += strip.image.height + gap
    return pages


def share(strips: Sequence[Strip], columns: int) -> tuple[tuple[Strip, ...], ...]:
    """The strips of a page in one or two columns of like height."""
    if columns == 1 or len(strips) < 2:
        return (tuple(strips),)
    heights = np.cumsum([strip.image.height for strip in strips])
    cut = 1 + int(np.argmin(abs(heights[:-1] - heights[-1] / 2)))
    return tuple(strips[:cut]), tuple(strips[cut:])


def sheets(report: Report, style: Style, rng: Random) -> list[Sheet]:
    """All pages of a report as strips."""
    wide = style.paper[0] - 2 * style.margin
    column = wide if style.columns == 1 else (wide - COLUMN_GAP) // 2
    first, last = opening(report, style, wide, rng), closing(report, style, column, rng)
    drawn = [(block, block_strip(block, style, column, rng)) for block in report.blocks]
    pages = paginate(drawn, rooms(style, first), gap_of(style))
    pages[-1].append(last)
    named = rng.random() < NAMED_AGAIN
    tops = [first, *[(heads.running(report, style, wide),) * named] * (len(pages) - 1)]
    shared = [share(page, style.columns) for page in pages]
    return [Sheet(top, page, bool(top)) for top, page in zip(tops, shared, strict=True)]


def rooms(style: Style, first: Sequence[Strip]) -> tuple[int, int]:
    """How much height is left for text on the first page and on a later one."""
    later = style.paper[1] - 2 * style.margin - FOOT
    used = sum(strip.image.height for strip in first)
    return (later - used) * style.columns, later * style.columns


def closing(report: Report, style: Style, wide: int, rng: Random) -> Strip:
    """The doctor's signature."""
    return heads.sign(report, style, wide, marks.signature(rng, min(260, wide // 2)))


def gap_of(style: Style) -> int:
    """Pixels between two blocks."""
    return round(style.body.px * style.gap)


def opening(report: Report, style: Style, wide: int, rng: Random) -> tuple[Strip, ...]:
    """What stands above the text of the first page."""
    pen = replace(style.label, px=round(style.label.px * 1.2))
    title = paragraph(report.title, pen, wide)
    box = heads.patient(report, style, wide)
    box = wobble(box, style.wobble, rng) if style.wobble >= BY_HAND else box
    bars = Strip(marks.barcode(rng, 240, 44))
    code = (beside([bars], [wide - 240], wide),) * (style.frame and rng.random() < 0.6)
    order = (box, title) if rng.random() < 0.6 else (title, box)
    return (heads.head(report, style, wide), *code, *order)
