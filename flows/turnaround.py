"""How long an opinion takes: the class of a case, its working days, the promised day."""

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flows.checklist import proofs
from flows.conversation import Case
from flows.data import table
from flows.steps import age

ZONE = ZoneInfo("Asia/Kolkata")
ADULT = 18
MANY_PAGES = 60
SUNDAY = 6


class TurnAround(NamedTuple):
    """The class of a case, its working days, and the day that we promise."""

    id: str
    days: int
    promised: date


def turn_around(case: Case, today: date) -> TurnAround:
    """What we can honestly promise when the case is complete today (a day in India)."""
    name = _class_of(case, today)
    days = int(_classes()[name]["days"])
    return TurnAround(name, days, promised_day(today, days))


def priority(case: Case) -> str:
    """The FHIR priority: urgent when a treatment date is within a week."""
    return str(_classes()["fast" if _is_urgent(case) else "standard"]["priority"])


def promised_day(start: date, days: int) -> date:
    """The last of so many working days (Monday to Saturday) after the first day."""
    day = start
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() == SUNDAY:
            day += timedelta(days=1)
    return day


def _class_of(case: Case, today: date) -> str:
    # A fixed date wins over a hard case: a late opinion would help nobody.
    if _is_urgent(case):
        return "fast"
    return "complex" if _is_complex(case, today) else "standard"


def _is_urgent(case: Case) -> bool:
    return case.value("urgency") in ("within_3d", "within_7d")


def _is_complex(case: Case, today: date) -> bool:
    years = age(case, today)
    return (
        case.value("case_type") in ("not_sure", "other")
        or _came_back(case)
        or (years is not None and years < ADULT)
        or not any(case.papers.get(name) for name in proofs(case))
        or _pages(case) > MANY_PAGES
    )


def _came_back(case: Case) -> bool:
    before = [one for one in case.value("treatments_taken") or () if one != "none"]
    return str(case.value("recurrence")).lower() == "true" and len(before) >= 2


def _pages(case: Case) -> int:
    return sum(paper.pages for papers in case.papers.values() for paper in papers)


@cache
def _classes() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in table("service")["turn_around"]}
