"""Which date a paper bears, and the number of a page."""

from datetime import date

import pytest

from nlu.report.days import days_in
from nlu.report.number import number_of
from nlu.report.page import Line, PageText
from nlu.report.when import date_of, kind_of_label
from tests.nlu.report_pages import typed

FOUND = [
    ("Collected: 01/03/2026   Reported: 03/03/2026   Printed: 09/03/2026", "2026-03-03"),
    ("Date of Birth: 05/06/1961   Date: 07/03/2026", "2026-03-07"),
    ("DOB 05/06/1961\nReport Date 07-Mar-2026", "2026-03-07"),
    ("Registered On : 01.03.2026 10:20   Approved On : 02.03.2026 18:44", "2026-03-02"),
    ("Date of Admission: 01/02/2026   Date of Discharge: 09/02/2026", "2026-02-09"),
    ("Date of Surgery: 04/02/26", "2026-02-04"),
    ("Sample Date : 08-Jan-2026", "2026-01-08"),
    ("दिनांक : ०५/०३/२०२६", "2026-03-05"),
    ("তারিখ : ০৫/০৩/২০২৬", "2026-03-05"),
    ("தேதி : 05.03.2026", "2026-03-05"),
    ("Date: 5th March 2026   Next visit: 12/04/2026", "2026-03-05"),
    ("Dated March 5, 2026", "2026-03-05"),
    ("Mrs. A  MR-123456  01/02/2026", "2026-02-01"),
    ("Review on 12/04/2026\nDate 05/03/2026", "2026-03-05"),
    ("Date:2026-03-05T10:20", "2026-03-05"),
]
NONE = [
    "Date of Birth: 05/06/1991",
    "Next appointment: 12/04/2026",
    "Valid upto 31/03/2027",
    "Printed on 05/03/2026",
    "Date : 32/13/2026",
    "Date : 2026",
    "Page 1/2",
    "NABL accredited since 01/04/2012",
    "Report Date:\nCollected: 01/03/2026",
    "",
]
DAYS = [
    ("05/03/2026", ["2026-03-05"]),
    ("5.3.26", ["2026-03-05"]),
    ("05-Mar-2026", ["2026-03-05"]),
    ("05MAR2026", ["2026-03-05"]),
    ("24/0ct/2026", ["2026-10-24"]),
    ("Sept 5, 2026", ["2026-09-05"]),
    ("15 मार्च 2026", ["2026-03-15"]),
    ("2026/03/05", ["2026-03-05"]),
    ("05/06/61", ["2061-06-05"]),
    ("05/06/71", ["1971-06-05"]),
    ("31/02/2026", []),
    ("02/25/2026", []),
    ("140/90 mmHg, 12.5 mg", []),
    ("26/2211/7", []),
]
NUMBERS = [
    ("Page 2 of 4", (2, 4)),
    ("Page: 2/4", (2, 4)),
    ("Page No : 1 of 3", (1, 3)),
    ("Pg 3 of 3", (3, 3)),
    ("पृष्ठ 1/2", (1, 2)),
    ("Page 5 of 4", None),
    ("Page 2", None),
    ("Allred 7/8", None),
    ("Cycle 3 of 6", None),
    ("1/2", (1, 2)),
    ("BP 120/80", None),
]


@pytest.mark.parametrize(("text", "day"), FOUND)
def test_found(text: str, day: str) -> None:
    assert date_of([typed(text)]) == day


@pytest.mark.parametrize("text", NONE)
def test_none(text: str) -> None:
    assert date_of([typed(text)]) == ""


def test_a_date_of_tomorrow_was_misread() -> None:
    page = typed("Received: 01/03/2026\nDate: 05/03/2028")
    assert date_of([page], date(2026, 12, 1)) == ""


def test_a_date_that_was_read_with_doubt_is_none() -> None:
    def page(sure: float) -> PageText:
        return PageText((Line("Date: 05/03/2026", (0.1, 0.1, 0.3, 0.12), sure),))

    assert (date_of([page(0.99)]), date_of([page(0.7)])) == ("2026-03-05", "")


@pytest.mark.parametrize(("text", "days"), DAYS)
def test_days(text: str, days: list[str]) -> None:
    assert [day for _, day in days_in(text)] == days


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_number(text: str, number: tuple[int, int] | None) -> None:
    assert number_of(typed(text)) == number


def test_the_last_label_before_a_date_says_what_it_is() -> None:
    assert kind_of_label("Collected 01/02/2026 Reported") == "reported"
    assert kind_of_label("Date of birth") == "never"
    assert kind_of_label("Received date") == "earlier"
    assert kind_of_label("lesion of") == ""
