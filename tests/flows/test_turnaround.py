"""The class of a case and the day that is promised."""

from datetime import date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from flows.conversation import Case, Given, Paper
from flows.turnaround import priority, promised_day, turn_around
from tests.cases import load_case, story

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 28)


def changed(name: str = "breast", **values: Any) -> Case:
    """A fictional case with other answers."""
    _, case = load_case(name)
    at = datetime.fromisoformat(story(name)["clock"])
    more = {field: Given(value, at) for field, value in values.items()}
    return replace(case, answers={**case.answers, **more})


@pytest.mark.parametrize("name", ["breast", "prostate"])
def test_the_two_stories(name: str) -> None:
    _, case = load_case(name)
    expected = story(name)["expected"]
    assert turn_around(case, MONDAY).id == expected["turn_around"]
    assert priority(case) == expected["priority"]


COMPLEX = [
    pytest.param({"case_type": "not_sure"}, id="not sure where"),
    pytest.param({"case_type": "other"}, id="another cancer"),
    pytest.param(
        {"recurrence": "true", "treatments_taken": ["surgery", "chemo"]}, id="back after two"
    ),
    pytest.param({"age_or_birth": {"age_years": 9, "birth_year": 2017}}, id="a child"),
    pytest.param({"age_or_birth": {"birth_date": "2009-01-05"}}, id="a child by birth date"),
]


@pytest.mark.parametrize("values", COMPLEX)
def test_complex(values: dict[str, Any]) -> None:
    assert turn_around(changed(**values), MONDAY)[:2] == ("complex", 7)


STANDARD = [
    pytest.param({"recurrence": "true", "treatments_taken": ["surgery"]}, id="back after one"),
    pytest.param({"recurrence": "true", "treatments_taken": ["none"]}, id="back after none"),
    pytest.param({"age_or_birth": {"age_years": 18, "birth_year": 2008}}, id="just grown up"),
    pytest.param({"urgency": "unknown"}, id="does not know the date"),
]


@pytest.mark.parametrize("values", STANDARD)
def test_standard(values: dict[str, Any]) -> None:
    assert turn_around(changed(**values), MONDAY)[:2] == ("standard", 4)


def test_without_a_proof_it_takes_longer() -> None:
    case = changed()
    papers = {name: kept for name, kept in case.papers.items() if name != "biopsy_report"}
    waived = replace(case, papers=papers, waivers={"biopsy_report": "lost"})
    assert turn_around(waived, MONDAY).id == "complex"


@pytest.mark.parametrize(("pages", "expected"), [(60, "standard"), (61, "complex")])
def test_many_pages_take_longer(pages: int, expected: str) -> None:
    many = {"biopsy_report": (Paper("a" * 64, "application/pdf", 9, pages),)}
    assert turn_around(replace(changed(), papers=many), MONDAY).id == expected


def test_a_fixed_date_wins_over_a_hard_case() -> None:
    hard = changed(case_type="not_sure", urgency="within_3d")
    assert turn_around(hard, MONDAY)[:2] == ("fast", 2)


DAYS = [
    pytest.param(MONDAY, 2, date(2026, 11, 25), id="within a week"),
    pytest.param(MONDAY, 5, SATURDAY, id="saturday counts"),
    pytest.param(SATURDAY, 2, date(2026, 12, 1), id="sunday does not"),
    pytest.param(date(2026, 11, 29), 1, date(2026, 11, 30), id="sent on a sunday"),
    pytest.param(MONDAY, 7, date(2026, 12, 1), id="over a weekend"),
]


@pytest.mark.parametrize(("start", "days", "expected"), DAYS)
def test_working_days(start: date, days: int, expected: date) -> None:
    assert promised_day(start, days) == expected
