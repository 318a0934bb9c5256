"""Strips: pieces of a page as wide as a column, drawn by themselves and then stacked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw

from benchmarks.picture_set.fonts import Pen, width, write

WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Strip:
    """An image on white, the lines written in it and the facts they hold."""

    image: Image.Image
    lines: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()


def blank(wide: float, high: float) -> Image.Image:
    """Nothing yet."""
    return Image.new("RGB", (max(1, round(wide)), max(1, round(high))), WHITE)


def leading(pen: Pen) -> int:
    """From baseline to baseline."""
    return round(pen.px * 1.38)


def wrap(text: str, pen: Pen, wide: float) -> list[str]:
    """Lines no wider than the column; newlines in the text are kept."""
    lines = list[str]()
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            if line and width(f"{line} {word}", pen) > wide:
                lines, line = [*lines, line], word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return lines


def paragraph(text: str, pen: Pen, wide: int, indent: int = 0) -> Strip:
    """Wrapped text, flush left."""
    lines = wrap(text, pen, wide - indent - 2)
    image = blank(wide, leading(pen) * len(lines) + pen.px // 3)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        write(draw, (indent, pen.px + row * leading(pen)), line, pen)
    return Strip(image, tuple(lines))


def centred(text: str, pen: Pen, wide: int) -> Strip:
    """Text in the middle, smaller if it would not fit."""
    while width(text, pen) > wide and pen.px > 12:
        pen = replace(pen, px=pen.px - 2)
    image = blank(wide, pen.px * 1.5)
    write(ImageDraw.Draw(image), ((wide - width(text, pen)) / 2, pen.px * 1.1), text, pen)
    return Strip(image, (text,))


def stack(strips: Sequence[Strip], gap: int = 0) -> Strip:
    """Strips under each other as one."""
    wide = max(strip.image.width for strip in strips)
    image = blank(wide, sum(strip.image.height + gap for strip in strips) - gap)
    y = 0
    for strip in strips:
        image.paste(strip.image, (0, y))
        y += strip.image.height + gap
    lines = tuple(line for strip in strips for line in strip.lines)
    return Strip(image, lines, frozenset().union(*(strip.facts for strip in strips)))


def beside(strips: Sequence[Strip], lefts: Sequence[int], wide: int) -> Strip:
    """Cells of one row beside each other; their lines become one line."""
    image = blank(wide, max(strip.image.height for strip in strips))
    for strip, left in zip(strips, lefts, strict=True):
        image.paste(strip.image, (round(left), 0))
    return Strip(image, (" ".join(" ".join(strip.lines) for strip in strips),))


def press(page: Image.Image, strip: Image.Image, at: tuple[int, int]) -> None:
    """Print a strip on a page: the darker of paper and ink."""
    box = (*at, at[0] + strip.width, at[1] + strip.height)
    page.paste(ImageChops.darker(page.crop(box), strip), at)
