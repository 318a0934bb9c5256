"""Reports as page images."""

from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image

from benchmarks.picture_set import heads, marks
from benchmarks.picture_set.light import noisy
from benchmarks.picture_set.reports import Report
from benchmarks.picture_set.sheets import COLUMN_GAP, Sheet, gap_of, sheets
from benchmarks.picture_set.strips import Strip, blank, press, stack
from benchmarks.picture_set.styles import STYLES, Style

Box = tuple[int, int, int, int]
FOOT = 90
STAMPED = 0.45
SMALL = {"caveat": 0.7}


@dataclass(frozen=True)
class Page:
    """One page; boxes are (left, top, right, bottom) in its pixels."""

    image: Image.Image
    number: int
    count: int
    lines: tuple[str, ...]
    facts: dict[str, str]
    named: bool
    text: Box
    em: int


def pages(report: Report, rng: Random) -> list[Page]:
    """A report's pages."""
    style = STYLES[report.layout](rng)
    made = sheets(report, style, rng)
    return [a_page(report, sheet, (n, len(made)), style, rng) for n, sheet in enumerate(made, 1)]


def a_page(report: Report, sheet: Sheet, at: tuple[int, int], style: Style, rng: Random) -> Page:
    """One finished page with what can be read on it."""
    foot = heads.foot(*at, style, style.paper[0] - 2 * style.margin, rng)
    image, text, end = print_sheet(sheet, style, foot)
    if at[0] == at[1] and not style.narrow and rng.random() < STAMPED:
        place = (style.margin + rng.randint(20, 400), min(end - 110, image.height - 350))
        press(image, marks.stamp(report.hospital["name"], rng), place)
    facts = {name: value for name, value in report.facts.items() if name in sheet.facts}
    lines, em = (*sheet.lines, *foot.lines), round(style.body.px * SMALL.get(style.body.family, 1))
    return Page(finish(image, style, rng), *at, lines, facts, sheet.named, text, em)


def print_sheet(sheet: Sheet, style: Style, foot: Strip) -> tuple[Image.Image, Box, int]:
    """The page, the box of everything printed, and where the text ends above the foot."""
    left, gap = style.margin, gap_of(style)
    head = stack(sheet.top, gap) if sheet.top else Strip(blank(10, 1))
    start = style.margin + head.image.height + gap
    body = abreast([stack(column, gap).image for column in sheet.columns])
    page = Image.new("RGB", (style.paper[0], height(style, start + body.height)), style.tint)
    for image, top in ((head.image, left), (body, start), (foot.image, page.height - FOOT)):
        press(page, image, (left, top))
    box = (left, left, page.width - left, page.height - FOOT + foot.image.height)
    return page, box, start + body.height


def abreast(columns: list[Image.Image]) -> Image.Image:
    """Columns beside each other."""
    wide = sum(column.width + COLUMN_GAP for column in columns) - COLUMN_GAP
    image = blank(wide, max(column.height for column in columns))
    for n, column in enumerate(columns):
        image.paste(column, (n * (column.width + COLUMN_GAP), 0))
    return image


def height(style: Style, end: int) -> int:
    """The paper's height; a thermal strip is torn off where the text ends."""
    return end + 160 if style.narrow else max(style.paper[1], end + 130)


def finish(image: Image.Image, style: Style, rng: Random) -> Image.Image:
    """A grain of paper; a thermal print fades in bands."""
    if style.narrow:
        x = np.linspace(0, rng.uniform(6, 20), image.width, dtype=np.float32)
        fade = (0.25 * np.sin(x) ** 2 + rng.uniform(0, 0.2))[None, :, None]
        paper = np.asarray(image, np.float32)
        image = Image.fromarray((paper + (240 - paper) * fade).clip(0, 255).astype(np.uint8))
    return noisy(image, 2.2, rng)
