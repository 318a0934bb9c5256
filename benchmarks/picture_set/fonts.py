"""Fonts found in node_modules, and writing that changes font with the script."""

import os
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

PLACES = str(Path(__file__).parents[2] / "node_modules/@fontsource")
SCRIPTS = {"devanagari": "\u0900-\u097f", "bengali": "\u0980-\u09ff", "tamil": "\u0b80-\u0bff"}
RUNS = re.compile(
    "|".join(f"(?P<{name}>[{span}\u200c\u200d]+(?: +(?=[{span}])[{span}\u200c\u200d]+)*)"
             for name, span in SCRIPTS.items())
)  # fmt: skip
BACKUP = "noto-sans"
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Pen:
    """What letters look like."""

    family: str = BACKUP
    px: int = 28
    bold: bool = False
    ink: Colour = (32, 32, 36)


def find(folder: str, file: str) -> Path | None:
    """A font file in one of the places, or None."""
    roots = os.environ.get("PICTURE_SET_FONTS", PLACES).split(":")
    paths = (Path(root) / folder / "files" / f"{file}.woff2" for root in roots)
    return next((path for path in paths if path.exists()), None)


@cache
def path_of(family: str, script: str, bold: bool) -> str:
    """The family's own file for the script, or Noto Sans."""
    weight = 700 if bold else 400
    noto = BACKUP if script == "latin" else f"{BACKUP}-{script}"
    tries = [(f, f"{f}-{script}-{w}-normal") for f in (family, noto) for w in (weight, 400)]
    found = next((path for folder, file in tries if (path := find(folder, file))), None)
    if found is None:
        raise FileNotFoundError(f"no font for {script}: set PICTURE_SET_FONTS")
    return str(found)


@lru_cache(maxsize=512)
def font(pen: Pen, script: str) -> ImageFont.FreeTypeFont:
    """The pen's font for one script."""
    return ImageFont.truetype(path_of(pen.family, script, pen.bold), pen.px)


@lru_cache(maxsize=50_000)
def runs(text: str) -> tuple[tuple[str, str], ...]:
    """The text cut where the script changes: (script, piece)."""
    made, at = list[tuple[str, str]](), 0
    for found in RUNS.finditer(text):
        made += [("latin", text[at : found.start()])] if found.start() > at else []
        made.append((str(found.lastgroup), found[0]))
        at = found.end()
    return (*made, ("latin", text[at:])) if at < len(text) else tuple(made)


@lru_cache(maxsize=100_000)
def width(text: str, pen: Pen) -> float:
    """How wide the text is in pixels."""
    return sum(font(pen, script).getlength(piece) for script, piece in runs(text))


def write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, pen: Pen) -> float:
    """Write on the baseline; the x where the writing ended."""
    x, y = at
    for script, piece in runs(text):
        draw.text((x, y), piece, font=font(pen, script), fill=pen.ink, anchor="ls")
        x += font(pen, script).getlength(piece)
    return x
