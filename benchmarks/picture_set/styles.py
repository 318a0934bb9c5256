"""Layouts: paper, pens, columns and frames of a page."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.picture_set.fonts import Pen

DPI = 200
A4, A5, STRIP = (1654, 2339), (1165, 1654), (630, 3000)
BLUE, BLACK, GREY = (28, 42, 122), (30, 30, 34), (74, 74, 84)


@dataclass(frozen=True)
class Style:
    """How one report is laid out."""

    paper: tuple[int, int]
    margin: int
    label: Pen
    body: Pen
    columns: int = 1
    frame: bool = False
    ruled: bool = True
    wobble: float = 0.0
    gap: float = 0.6
    tint: tuple[int, int, int] = (250, 250, 248)

    @property
    def narrow(self) -> bool:
        """A thermal strip."""
        return self.paper[0] < 700


def points(size: float) -> int:
    """Type size in pixels."""
    return round(size * DPI / 72)


def printed(rng: Random, paper: tuple[int, int], **more: object) -> Style:
    """A laser print in a sans or a serif."""
    family, small = rng.choice(["noto-sans", "noto-sans", "tinos"]), paper == A5
    px = points(rng.uniform(8.6, 9.6) if small else rng.uniform(10, 11.6))
    label, body = Pen(family, px, bold=True, ink=BLACK), Pen(family, px, ink=BLACK)
    margin, gap = round(paper[0] * rng.uniform(0.065, 0.095)), rng.uniform(0.5, 1.8)
    return Style(paper, margin, label, body, gap=gap, **more)  # type: ignore[arg-type]


def letterhead(rng: Random) -> Style:
    """The hospital's letter paper."""
    return printed(rng, rng.choice([A4, A4, A4, A5]), ruled=rng.random() < 0.6)


def table(rng: Random) -> Style:
    """A laboratory's ruled results."""
    return printed(rng, rng.choice([A4, A4, A5]), frame=True)


def two_columns(rng: Random) -> Style:
    """Two columns on A4."""
    return printed(rng, A4, columns=2)


def typewriter(rng: Random) -> Style:
    """Typed on plain paper, no rules."""
    pen = Pen("courier-prime", points(rng.uniform(10.5, 11.6)), ink=rng.choice([BLACK, GREY]))
    gap = rng.uniform(0.5, 1.5)
    return Style(A4, 150, pen, pen, ruled=False, wobble=0.5, gap=gap, tint=(244, 240, 226))


def thermal(rng: Random) -> Style:
    """A strip from a small thermal printer."""
    family, size = rng.choice([("vt323", 11.5), ("courier-prime", 8.4)])
    pen = Pen(family, points(size), ink=rng.choice([GREY, (52, 50, 66)]))
    return Style(STRIP, 34, pen, pen, ruled=False, tint=(243, 243, 240))


def handwritten(rng: Random) -> Style:
    """A letterhead written on by hand."""
    paper, ink = rng.choice([A4, A5, A5]), rng.choice([BLUE, BLUE, BLACK])
    family, size = rng.choice([("kalam", 13.0), ("caveat", 16.5)])
    pen = Pen(family, points(size * (1.12 if paper == A4 else 0.85)), ink=ink)
    label = pen if rng.random() < 0.5 else Pen("noto-sans", round(pen.px * 0.72), True, BLACK)
    return Style(paper, round(paper[0] * 0.085), label, pen, ruled=False, wobble=1.5)


def form(rng: Random) -> Style:
    """Printed boxes, filled in by printer or by hand."""
    base = printed(rng, rng.choice([A4, A4, A5]), frame=True)
    if rng.random() < 0.5:
        return base
    hand = Pen("kalam", round(base.body.px * 1.15), ink=rng.choice([BLUE, BLACK]))
    return Style(base.paper, base.margin, base.label, hand, frame=True, wobble=1.0)


STYLES: dict[str, Callable[[Random], Style]] = {
    "letterhead": letterhead,
    "table": table,
    "two_columns": two_columns,
    "typewriter": typewriter,
    "thermal": thermal,
    "handwritten": handwritten,
    "form": form,
}
