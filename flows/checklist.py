"""Which records a case needs, by its illness and answers (`checklist.yml`)."""

from datetime import date
from functools import cache
from typing import Any

from flows.conversation import Case
from flows.data import table
from flows.steps import facts

REQUIRED, WANTED, OPTIONAL = "r", "w", "o"


def case_type(case: Case) -> dict[str, Any]:
    """The entry of `case_types` that the case belongs to."""
    return types()[case.value("case_type") or "not_sure"]


@cache
def types() -> dict[str, dict[str, Any]]:
    """Every case type, by id."""
    return {entry["id"]: entry for entry in table("checklist")["case_types"]}


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Every kind of document, by id."""
    return {entry["id"]: entry for entry in table("checklist")["documents"]}


@cache
def waivers() -> dict[str, dict[str, Any]]:
    """Every reason for going without a document, by id."""
    return {entry["id"]: entry for entry in table("checklist")["waivers"]}


def proofs(case: Case) -> tuple[str, ...]:
    """The documents any one of which proves the diagnosis."""
    kind = case_type(case)
    listed = table("checklist")["proof"][kind["group"]]["any_of"]
    return (*listed, *kind.get("proof_alt", ()))


def proof(case: Case) -> str:
    """The document that proves this case, or the one to ask for."""
    given = [name for name in proofs(case) if case.papers.get(name)]
    waived = [name for name in proofs(case) if name in case.waivers]
    return (given or waived or list(proofs(case)))[0]


def needs(case: Case, today: date) -> dict[str, str]:
    """Document id to r, w or o; the proof first, then required, then wanted."""
    lists = [table("checklist")["base"], table("checklist")["needs"][case_type(case)["id"]]]
    lists += [m for m in table("checklist")["modifiers"].values() if _when(m["when"], case, today)]
    found = {proof(case): REQUIRED}
    for strength in (REQUIRED, WANTED, OPTIONAL):
        for wanted in lists:
            for name in wanted[strength]:
                found.setdefault(name, strength)
    return found


def _when(rule: dict[str, Any], case: Case, today: date) -> bool:
    found = facts(case, today, rule["field"])
    if found is None:
        return False
    if "contains" in rule:
        return rule["contains"] in found
    if "less_than" in rule:
        return bool(found < rule["less_than"])
    return str(found).lower() == str(rule["equals"]).lower()


def missing(case: Case, today: date) -> list[str]:
    """What is still to be asked for: neither here nor waived, required before wanted."""
    asked = [name for name, strength in needs(case, today).items() if strength != OPTIONAL]
    return [name for name in asked if not case.papers.get(name) and name not in case.waivers]


def proof_open(case: Case) -> bool:
    """Whether the case may not be sent yet: no proof, and no reason that stands for it."""
    if any(case.papers.get(name) for name in proofs(case)):
        return False
    reasons = [case.waivers[name] for name in proofs(case) if name in case.waivers]
    return not any(waivers()[reason]["proof_ok"] for reason in reasons)


def menu(case: Case, page: str) -> tuple[str, ...]:
    """The rows of the question where the illness is: first page, `other` or `blood`."""
    menus = table("checklist")["menus"]
    sex = case.value("sex")
    first: list[str] = menus[sex if sex in ("female", "male") else "other"]
    if page == "blood":
        return tuple(menus["blood_page"])
    if page == "other":
        shown = {*first, *menus["blood_page"], *menus["tail"]}
        rest = [name for name in types() if name not in {*shown, *menus["other_page"]}]
        return (*menus["other_page"], *rest, *menus["tail"])
    return (*first, *menus["tail"])
