"""Fields, tables and frames, and the bending that makes letters look written by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from PIL import Image, ImageDraw

from benchmarks.picture_set.fonts import Pen, width
from benchmarks.picture_set.strips import WHITE, Strip, beside, blank, paragraph, stack

RULE = (120, 120, 125)
CELL = 36
Shifts = Mapping[tuple[int, int], tuple[float, float]]


def fields(pairs: Mapping[str, str], label: Pen, body: Pen, wide: int) -> Strip:
    """Label and value on a line each."""
    left = min(wide * 0.42, max(width(f"{key}:", label) for key in pairs) + label.px * 0.7)
    rows = [
        beside([paragraph(f"{key}:", label, round(left)),
                paragraph(value, body, round(wide - left))], [0, round(left)], wide)
        for key, value in pairs.items()
    ]  # fmt: skip
    return stack(rows)


def columns_of(rows: Sequence[Sequence[str]], pen: Pen, wide: int) -> list[int]:
    """Where each column of a table begins, and the end of the last."""
    needs = [min(wide * 0.5, max(width(cell, pen) for cell in column) + pen.px)
             for column in zip(*rows, strict=True)]  # fmt: skip
    scale = wide / sum(needs)
    edges = [0.0]
    for need in needs:
        edges.append(edges[-1] + need * scale)
    return [round(edge) for edge in edges]


def table_row(cells: Sequence[str], pen: Pen, edges: Sequence[int]) -> Strip:
    """One row, each cell wrapped in its column."""
    gap = pen.px // 3
    strips = [paragraph(cell, pen, right - left - gap)
              for cell, left, right in zip(cells, edges, edges[1:], strict=False)]  # fmt: skip
    return beside(strips, [left + gap for left in edges[:-1]], edges[-1])


def table(rows: Sequence[Sequence[str]], label: Pen, body: Pen, wide: int, ruled: bool) -> Strip:
    """A heading row and the rows, with rules or without."""
    edges = columns_of(rows, replace(body, bold=True), wide)
    pens = [replace(label, px=body.px), *[body] * (len(rows) - 1)]
    strips = [table_row(row, pen, edges) for row, pen in zip(rows, pens, strict=True)]
    made = stack(strips, gap=2)
    return rules(made, [strip.image.height + 2 for strip in strips], edges) if ruled else made


def rules(strip: Strip, heights: Sequence[int], edges: Sequence[int]) -> Strip:
    """Lines between the cells."""
    draw, y = ImageDraw.Draw(strip.image), 0
    right, bottom = strip.image.width - 2, strip.image.height - 1
    for high in heights:
        draw.line((0, y, right, y), RULE, 2)
        y += high
    draw.rectangle((0, 0, right, bottom), outline=RULE, width=2)
    for x in edges[1:-1]:
        draw.line((x, 0, x, bottom), RULE, 2)
    return strip


def boxed(strip: Strip, pad: int = 10) -> Strip:
    """The strip with a frame around it."""
    image = blank(strip.image.width + 2 * pad, strip.image.height + 2 * pad)
    image.paste(strip.image, (pad, pad))
    frame = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(image).rectangle(frame, outline=RULE, width=2)
    return replace(strip, image=image)


def wobble(strip: Strip, amount: float, rng: Random) -> Strip:
    """Bend the strip a little everywhere, so that no letter is twice the same."""
    w, h = size = strip.image.size
    shifts = {
        (x, y): (rng.gauss(0, amount), rng.gauss(0, amount))
        for x in range(0, w + CELL, CELL)
        for y in range(0, h + CELL, CELL)
    }
    mesh = [cell(x, y, size, shifts) for x in range(0, w, CELL) for y in range(0, h, CELL)]
    way = (Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return replace(strip, image=strip.image.transform(size, *way, fillcolor=WHITE))


def cell(
    x: int, y: int, size: tuple[int, int], shifts: Shifts
) -> tuple[tuple[int, int, int, int], tuple[float, ...]]:
    """A cell and where its corners come from: NW, SW, SE, NE."""
    w, h = size
    came = list[float]()
    for px, py in ((x, y), (x, y + CELL), (x + CELL, y + CELL), (x + CELL, y)):
        dx, dy = shifts[px, py]
        came += [min(px, w) + dx, min(py, h) + dy]
    return (x, y, min(x + CELL, w), min(y + CELL, h)), tuple(came)
