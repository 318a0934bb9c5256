"""Rows, pieces and paragraphs, also of a page that was photographed at a slant."""

import math

import pytest

from nlu.report.page import Line, PageText
from nlu.report.rows import paragraphs_of, pieces_of, rows_of, words
from tests.nlu.report_pages import typed

TABLE = """\
Test               Result     Unit
Haemoglobin        9.8        g/dL
Creatinine         1.1        mg/dL
Urea               33         mg/dL
Sodium             139        mmol/L
Platelets          2.1        lakh"""


def tilted(page: PageText, degrees: float) -> PageText:
    """The same page turned a little: each box becomes the one around its turned corners."""
    slope, wide_by_high = math.tan(math.radians(degrees)), page.width / page.height

    def moved(line: Line) -> Line:
        left, top, right, bottom = line.box
        ends = sorted(slope * (x - 0.5) * wide_by_high for x in (left, right))
        return Line(line.text, (left, top + ends[0], right, bottom + ends[1]), line.sure)

    return PageText(tuple(map(moved, page.lines)), 0, "", page.width, page.height, round(slope, 4))


@pytest.mark.parametrize("degrees", [-7, -4, -1, 0, 1, 4, 7])
def test_a_tilted_table_keeps_its_rows(degrees: float) -> None:
    rows = rows_of(tilted(typed(TABLE), degrees))
    assert [words(row).split() for row in rows] == [line.split() for line in TABLE.splitlines()]


def test_cells_above_each_other_are_never_one_row() -> None:
    lines = (Line("upper", (0.1, 0.100, 0.4, 0.115)), Line("lower", (0.1, 0.106, 0.4, 0.121)))
    assert [words(row) for row in rows_of(PageText(lines))] == ["upper", "lower"]


def test_pieces_of_print_that_an_engine_cut_are_joined() -> None:
    lines = (
        Line("Lesion of", (0.10, 0.1, 0.20, 0.115), 0.9),
        Line("12 mm", (0.205, 0.1, 0.27, 0.115), 0.7),
        Line("Reference", (0.50, 0.1, 0.60, 0.115)),
    )
    (row,) = pieces_of(PageText(lines, 0, "", 1000, 1414))
    assert [(cell.text, cell.sure) for cell in row] == [
        ("Lesion of 12 mm", 0.7),
        ("Reference", 1.0),
    ]


def test_two_columns_are_two_paragraphs() -> None:
    text = (
        "one goes on        two goes on\n"
        "in its column      in the other\n"
        "and ends.          and ends."
    )
    one, two = (words(each) for each in paragraphs_of(typed(text)))
    assert one == "one goes on in its column and ends."
    assert two == "two goes on in the other and ends."


def test_a_heading_begins_a_paragraph() -> None:
    assert [words(each) for each in paragraphs_of(typed("goes on\nuntil here\nIMPRESSION"))] == [
        "goes on until here",
        "IMPRESSION",
    ]


def test_an_empty_page_has_none() -> None:
    assert rows_of(PageText()) == paragraphs_of(PageText()) == ()
