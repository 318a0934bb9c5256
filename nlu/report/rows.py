"""Rows and paragraphs of a page: what stands beside and below what, also on a tilted photo."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from nlu.report.page import Box, Line, PageText

Row = tuple[Line, ...]

# Rows may be so much steeper than most lines are, and fan out from top to bottom.
OFF = tuple(step / 200 for step in range(-6, 7))
FANS = tuple(step / 50 for step in range(-6, 7))
# A steeper guess must put so much more together.
LEVEL = 1.5
A4 = 0.707
# In heights of a line: so near in height is one row, so near beside is one piece of print.
SAME_ROW, SAME_PIECE = 0.55, 0.8
# So near below, and so far in or out, goes a paragraph on.
NEXT_LINE, INDENT = 1.0, 1.6


def words(row: Row) -> str:
    """The text of a row, its cells apart by one space."""
    return " ".join(cell.text for cell in row)


def around(lines: Sequence[Line]) -> Box:
    """The box around all of them."""
    left, top, right, bottom = zip(*(line.box for line in lines), strict=True)
    return min(left), min(top), max(right), max(bottom)


def height_of(page: PageText) -> float:
    """How high a line of print is, as share of the page; long ones seem higher when tilted."""
    heights = sorted(line.box[3] - line.box[1] for line in page.lines)
    return max(median(heights[: max(1, len(heights) * 2 // 3)]), 0.004) if heights else 0.01


def rows_of(page: PageText) -> tuple[Row, ...]:
    """The rows from top to bottom, their cells from left to right."""
    if not page.lines:
        return ()
    high, levels = height_of(page), _levels(page)
    rows: list[list[int]] = []
    for at in sorted(range(len(levels)), key=lambda at: levels[at]):
        close = rows and levels[at] - _mean(levels, rows[-1]) < SAME_ROW * high
        if close and not _crowded(page.lines, at, rows[-1]):
            rows[-1].append(at)
        else:
            rows.append([at])
    return tuple(
        tuple(sorted((page.lines[at] for at in row), key=lambda line: line.box[0])) for row in rows
    )


def pieces_of(page: PageText) -> tuple[Row, ...]:
    """The rows, with cells joined that stand so near that they are one piece of print."""
    near = SAME_PIECE * height_of(page) * _high_by_wide(page)
    return tuple(tuple(_joined(row, near)) for row in rows_of(page))


def paragraphs_of(page: PageText) -> tuple[Row, ...]:
    """Lines that go on below each other, column by column; each paragraph from top to bottom."""
    high = height_of(page)
    indent, sinks = INDENT * high * _high_by_wide(page), page.slope / _high_by_wide(page)
    found: list[list[Line]] = []
    for line in (cell for row in pieces_of(page) for cell in row):
        above = [each for each in found if _goes_on(each[-1], line, high, indent, sinks)]
        if above:
            min(above, key=lambda each: abs(each[-1].box[0] - line.box[0])).append(line)
        else:
            found.append([line])
    return tuple(tuple(each) for each in found)


def _goes_on(last: Line, line: Line, high: float, indent: float, sinks: float) -> bool:
    (_, over), (under, bottom) = _left_end(last, sinks), _left_end(line, sinks)
    gap = under - over
    starts = abs(line.box[0] - last.box[0]) < indent
    if _heading(line.text) and not last.text.isupper():
        return False
    return starts and -0.7 * high < gap < NEXT_LINE * high and bottom > over


def _heading(text: str) -> bool:
    """Words in capitals; 'M0.' is the end of a stage."""
    return text.isupper() and sum(map(str.isalpha, text)) > len("FIGO")


def _left_end(line: Line, sinks: float) -> tuple[float, float]:
    """Upper and lower edge of a line where it begins: the box of a tilted one is too high."""
    left, top, right, bottom = line.box
    drop = (right - left) * sinks
    return top - min(drop, 0.0), bottom - max(drop, 0.0)


def _joined(row: Row, near: float) -> Iterator[Line]:
    piece = row[0]
    for cell in row[1:]:
        if cell.box[0] - piece.box[2] < near:
            sure = min(piece.sure, cell.sure)
            piece = Line(f"{piece.text} {cell.text}", around((piece, cell)), sure)
        else:
            yield piece
            piece = cell
    yield piece


def _crowded(lines: Sequence[Line], at: int, row: Sequence[int]) -> bool:
    """Whether a line stands above or below one of the row, and not beside it."""
    left, _, right, _ = lines[at].box
    shared = (min(right, lines[other].box[2]) - max(left, lines[other].box[0]) for other in row)
    return any(each > 0.5 * (right - left) for each in shared)


def _mean(levels: Sequence[float], row: Sequence[int]) -> float:
    return sum(levels[at] for at in row) / len(row)


def _high_by_wide(page: PageText) -> float:
    """How many shares of the width one share of the height is."""
    return page.height / page.width if page.width and page.height else 1 / A4


def _levels(page: PageText) -> list[float]:
    """How far down each line's middle stands, once the rows are made level."""
    middles = [
        ((box[0] + box[2]) / 2 - 0.5, (box[1] + box[3]) / 2) for box in (x.box for x in page.lines)
    ]
    wide, high = 1 / _high_by_wide(page), height_of(page)

    def level(slope: float, fan: float) -> list[float]:
        return [y - (slope + fan * (y - 0.5)) * x * wide for x, y in middles]

    def together(slope: float, fan: float) -> float:
        gaps = (after - before for before, after in pairwise(sorted(level(slope, fan))))
        near = sum(max(0.0, 1 - gap / (0.5 * high)) for gap in gaps)
        steep = abs(slope - page.slope) + abs(fan)
        return near - LEVEL * len(middles) * steep

    slope = page.slope + max(OFF, key=lambda off: together(page.slope + off, 0.0))
    fan = max(FANS, key=lambda fan: together(slope, fan))
    return level(slope, fan)
