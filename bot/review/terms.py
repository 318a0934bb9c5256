"""The reviewers' English words (`words.yml`) and the codes of the checklist, by their ids."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

from flows.data import table

Row = dict[str, Any]


def words(kind: str) -> dict[str, Any]:
    """All words of one kind: sections, fields, papers, case_types, waivers, statuses, …"""
    return dict(_words()[kind])


def word(kind: str, id: str) -> str:
    """One word; an id without one stands for itself."""
    return str(_words()[kind].get(id, id.replace("_", " ")))


def option(field: str, id: str) -> str:
    """The words of an option of a field; empty when the field has no such option."""
    return str(_words()["fields"].get(field, {}).get("options", {}).get(id, ""))


def ecog(score: str) -> str:
    """What a score of activity means."""
    return str(_words()["fields"]["ecog"]["about"][score])


def paper(id: str) -> Row:
    """One row of the checklist; what is not listed is an "other document"."""
    rows = _rows("checklist", "documents")
    return rows.get(id) or rows["other_document"]


def case_type(id: str) -> Row:
    """One case type; an unknown one goes to triage as "not sure"."""
    rows = _rows("checklist", "case_types")
    return rows.get(id) or rows["not_sure"]


def statuses() -> dict[str, Row]:
    """The seven statuses by their ids, in the normal order."""
    return _rows("service", "statuses")


def snomed_of(kind: str) -> str:
    """The SNOMED code for a kind of record."""
    return str(table("checklist")["snomed_by_kind"][kind])


@cache
def _rows(name: str, kind: str) -> dict[str, Row]:
    return {row["id"]: row for row in table(name)[kind]}


@cache
def _words() -> dict[str, dict[str, Any]]:
    text = resources.files("bot").joinpath("review", "words.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
