"""From what was understood to what is stored: the last check of an answer."""

from datetime import date
from typing import Any

from msgspec import Struct

from flows.conversation import Case
from flows.steps import Step, age, whole_years


class Wrong(Struct, frozen=True):
    """An answer that cannot be taken; `key` names the line that says why."""

    key: str


def check(step: Step, case: Case, kind: str, value: Any, today: date) -> Any:
    """The value to store, or Wrong with the reason."""
    match step.kind:
        case "age":
            return _age(kind, value, today)
        case "date":
            return _past(case, value, today)
        case "future_date":
            return value if value >= today.isoformat()[: len(value)] else Wrong("again.past_date")
        case "yesno":
            return value in (True, "yes")
        case "text" | "name" | "place":
            return _words(step, value)
        case _:
            return value


def _age(kind: str, value: Any, today: date) -> Any:
    if kind != "date":
        if not 0 <= int(value) <= 115:
            return Wrong("again.age_range")
        return {"age_years": int(value), "birth_year": today.year - int(value)}
    born = str(value)
    if born > today.isoformat()[: len(born)] or today.year - int(born[:4]) > 115:
        return Wrong("again.age_range")
    if len(born) < 10:
        years = today.year - int(born[:4])
        return {"age_years": years, "birth_year": int(born[:4])}
    years = whole_years(date.fromisoformat(born), today)
    return {"age_years": years, "birth_date": born}


def _past(case: Case, value: str, today: date) -> Any:
    if value > today.isoformat()[: len(value)]:
        return Wrong("again.future_date")
    years = age(case, today)
    if years is not None and today.year - int(value[:4]) > years + 1:
        return Wrong("again.before_birth")
    return value


def _words(step: Step, value: Any) -> Any:
    text = value["text"] if isinstance(value, dict) else str(value)
    if len(text.strip()) < step.min_len:
        return Wrong("again.too_short")
    if step.max_len and len(text) > step.max_len:
        return Wrong("again.too_long")
    return value
