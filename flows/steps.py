"""The steps of the registration form: what each asks, accepts, and when it is asked."""

from datetime import date
from functools import cache
from typing import Any

from msgspec import Struct

from flows.conversation import Case
from flows.data import LANGUAGES, table


class Step(Struct, frozen=True):
    """One question of `intake.yml`; see the head of that file for the fields."""

    name: str
    section: str
    kind: str
    options: tuple[str, ...] = ()
    skip: bool = False
    ask_if: str = ""
    on_no: str = ""
    exclusive: tuple[str, ...] = ()
    min_len: int = 0
    max_len: int = 0
    also_text: int = 0
    read_back: bool = False
    document: str = ""
    for_each: str = ""
    up_to: int = 0
    suggest: tuple[str, ...] = ()
    this_number: bool = False


@cache
def steps() -> dict[str, Step]:
    """Every step by name, in the order of asking."""
    found = {}
    for section in table("intake")["sections"]:
        for entry in section["fields"]:
            given = {k: _frozen(v) for k, v in entry.items() if k not in ("id", "fhir")}
            if given.get("options") == "languages":
                given["options"] = LANGUAGES
            found[entry["id"]] = Step(name=entry["id"], section=section["id"], **given)
    return found


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def applies(step: Step, case: Case, today: date) -> bool:
    """Whether a step is asked in this case at all."""
    return all(_holds(part, case, today) for part in step.ask_if.split(" and ") if part)


def _holds(condition: str, case: Case, today: date) -> bool:
    field, sign, *wanted = condition.split()
    found = facts(case, today, field)
    if sign == "in":
        return found in wanted
    if sign in ("==", "!="):
        same = wanted[0] in found if isinstance(found, list) else found == wanted[0]
        return (found is not None) and (same == (sign == "=="))
    if found is None:
        return False
    return bool(found < int(wanted[0]) if sign == "<" else found >= int(wanted[0]))


def facts(case: Case, today: date, field: str) -> Any:
    """The value of an answer, or of what follows from one (`age_years`)."""
    if field == "age_years":
        return age(case, today)
    return case.value(field)


def age(case: Case, today: date) -> int | None:
    """The patient's whole years on a day, as far as they are known."""
    known = case.value("age_or_birth")
    if not known:
        return None
    if born := known.get("birth_date"):
        return whole_years(date.fromisoformat(born), today)
    return int(known["age_years"])


def whole_years(born: date, today: date) -> int:
    """Years between two days, rounded down."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
