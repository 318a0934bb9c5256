"""Tesseract, where the operator installed it: the way to read Indic letters on this machine."""

import io
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from statistics import median

from PIL import Image

from bot.reading.engine import shares
from bot.reading.turn import turned
from nlu.report.page import Line, PageText

PROGRAM = "tesseract"
WANTED = ("eng", "hin", "tam", "ben", "mar", "tel", "guj", "kan", "mal", "pan", "ori", "asm", "urd")
# Its letters should be about 30 pixels high: an A4 page at 200 dpi.
SIDE = 2300
LONGEST = 60.0
# Only the lines of a page that is upright are read with such certainty.
UPRIGHT = 70.0
LEAST_SURE = 60.0
FEW = 4
SMALL = 1300
# How a page is laid out: of columns, or one block, in which text that lies is not looked for.
COLUMNS, ONE = "3", "6"


class Tesseract:
    """Calls the program once a page; the picture goes through a pipe, nothing onto the disk."""

    def __init__(self, languages: Sequence[str] = ()) -> None:
        self._languages = "+".join(languages or installed())

    def read(self, image: Image.Image) -> PageText:
        """Its lines of print; turned first, where another way up is read with more certainty."""
        lines, slope = self._lines(_fitted(image.convert("RGB"), SIDE))
        turn = 0 if _certainty(lines) >= UPRIGHT else self._way_up(image)
        page = turned(image, turn)
        if turn:
            lines, slope = self._lines(_fitted(page.convert("RGB"), SIDE))
        return PageText(lines, turn, "tesseract", page.width, page.height, slope)

    def _way_up(self, image: Image.Image) -> int:
        """Of all four ways the one that is read with the most certainty, tried on a small copy."""
        small = _fitted(image.convert("L"), SMALL)
        tried = {
            turn: [_line(words, small) for words in _by_line(_run(turned(small, turn), "eng", ONE))]
            for turn in (0, 90, 180, 270)
        }
        return max(tried, key=lambda turn: _read_well(tried[turn]))

    def _lines(self, image: Image.Image) -> tuple[tuple[Line, ...], float]:
        """The lines, and how many pixels they sink for each pixel to the right."""
        found = list(_by_line(_run(image, self._languages, COLUMNS)))
        return tuple(_line(words, image) for words in found), _slope(found)


@cache
def installed() -> tuple[str, ...]:
    """Which of our languages the program can read; none where it is not there."""
    if not shutil.which(PROGRAM):
        return ()
    said = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, text=True, check=False)
    return tuple(code for code in WANTED if code in said.stdout.split())


def _fitted(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    size = round(image.width * scale), round(image.height * scale)
    return image.resize(size, Image.Resampling.LANCZOS) if not 0.8 < scale < 1.25 else image


def _run(image: Image.Image, languages: str, layout: str) -> list[Mapping[str, str]]:
    """The program's table, a row a word. One thread: chats are answered on the same machine."""
    picture = io.BytesIO()
    image.save(picture, "BMP")
    told = subprocess.run(
        [PROGRAM, "stdin", "stdout", "-l", languages, "--psm", layout, "tsv"],
        input=picture.getvalue(), capture_output=True, timeout=LONGEST, check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    head, *rows = told.stdout.decode().splitlines()
    names = head.split("\t")
    return [dict(zip(names, row.split("\t"), strict=False)) for row in rows]


def _by_line(table: Iterable[Mapping[str, str]]) -> Iterator[list[Mapping[str, str]]]:
    """The words of each line, cut where the gap between two is wider than words have it."""
    words = [row for row in table if row["level"] == "5" and row.get("text", "").strip()]
    for _, line in groupby(
        words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"])
    ):
        piece: list[Mapping[str, str]] = []
        for word in line:
            if piece and _gap(piece[-1], word) > 1.5 * max(int(word["height"]), 10):
                yield piece
                piece = []
            piece.append(word)
        yield piece


def _gap(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    return int(after["left"]) - int(before["left"]) - int(before["width"])


def _slope(lines: Sequence[Sequence[Mapping[str, str]]]) -> float:
    """By the first and last words of the long lines."""
    ends = [(_middle(line[0]), _middle(line[-1])) for line in lines if len(line) >= FEW]
    sinks = [(last[1] - first[1]) / max(last[0] - first[0], 1) for first, last in ends]
    return round(median(sinks), 4) if sinks else 0.0


def _middle(word: Mapping[str, str]) -> tuple[float, float]:
    left, top, width, height = (int(word[key]) for key in ("left", "top", "width", "height"))
    return left + width / 2, top + height / 2


def _line(words: Sequence[Mapping[str, str]], image: Image.Image) -> Line:
    text = " ".join(word["text"].strip() for word in words)
    left, top = (min(int(word[side]) for word in words) for side in ("left", "top"))
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    bottom = max(int(word["top"]) + int(word["height"]) for word in words)
    sure = sum(float(word["conf"]) for word in words) / len(words) / 100
    return Line(text, shares(left, top, right, bottom, *image.size), round(max(sure, 0.0), 3))


def _certainty(lines: Sequence[Line]) -> float:
    """How sure of its letters the program is, from 0 to 100."""
    letters = sum(len(line.text) for line in lines)
    return 100 * sum(line.sure * len(line.text) for line in lines) / max(letters, 1)


def _read_well(lines: Sequence[Line]) -> float:
    return sum(max(line.sure - LEAST_SURE / 100, 0.0) * len(line.text) for line in lines)
