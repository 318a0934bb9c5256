"""Builds what an engine would have read from a page that is typed as text."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from nlu.report.page import Line, PageText

WIDE, ROWS = 100, 60


def typed(text: str) -> PageText:
    """A page of text, one line of print each; two spaces or more part two cells of a row."""
    lines = [
        Line(cell[0], _box(row, cell.start(), cell.end()))
        for row, line in enumerate(text.splitlines())
        for cell in re.finditer(r"\S+(?: \S+)*", line)
    ]
    return PageText(tuple(lines), 0, "typed", 1000, 1414)


def _box(row: int, first: int, last: int) -> tuple[float, float, float, float]:
    top = (row + 1) / ROWS
    wide = 1 / (WIDE + 20)
    return first * wide, top, last * wide, top + 0.7 / ROWS


def pages() -> list[Mapping[str, Any]]:
    """The pages of `report_pages.yml`."""
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    found: list[Mapping[str, Any]] = yaml.safe_load(text)
    return found
