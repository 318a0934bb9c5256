"""Which records are asked for, and when a case may be sent."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import checklist
from flows.conversation import Case, Given, Paper
from flows.data import table

NOW = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Kolkata"))
TODAY = date(2026, 11, 24)
PAGE = (Paper("a" * 64, "image/jpeg", 1000),)


def case(**answers: Any) -> Case:
    return Case("c1", "N1", {name: Given(value, NOW) for name, value in answers.items()})


def with_papers(made: Case, *names: str, **waivers: str) -> Case:
    return Case(made.id, made.number, made.answers, dict.fromkeys(names, PAGE), waivers)


def test_the_proof_is_asked_for_first_then_the_required_then_the_wanted() -> None:
    asked = checklist.missing(case(case_type="breast"), TODAY)
    assert asked[:3] == ["biopsy_report", "oncologist_note", "ihc_report"]
    assert asked[3:] == [
        "blood_tests", "prescription", "mammogram", "breast_ultrasound", "pet_ct_report",
    ]  # fmt: skip


MODIFIED = [
    pytest.param({"recurrence": "true"}, "discharge_summary", id="came back"),
    pytest.param({"treatments_taken": ["surgery"]}, "surgical_pathology", id="had surgery"),
    pytest.param({"treatments_taken": ["chemo"]}, "chemo_record", id="had chemo"),
    pytest.param({"other_illnesses": ["heart"]}, "echo_report", id="heart"),
    pytest.param({"age_or_birth": {"age_years": 12}}, "discharge_summary", id="a child"),
]


@pytest.mark.parametrize(("answers", "document"), MODIFIED)
def test_answers_add_to_the_list(answers: dict[str, Any], document: str) -> None:
    assert document not in checklist.missing(case(case_type="thyroid"), TODAY)
    assert document in checklist.missing(case(case_type="thyroid", **answers), TODAY)


def test_another_proof_takes_the_place_of_the_first() -> None:
    made = with_papers(case(case_type="breast"), "fnac_report")
    assert "biopsy_report" not in checklist.missing(made, TODAY)
    assert not checklist.proof_open(made)


SENDABLE = [
    pytest.param({}, True, id="nothing yet"),
    pytest.param({"biopsy_report": "lost"}, False, id="a reason that stands for it"),
    pytest.param({"biopsy_report": "send_later"}, True, id="will come later"),
]


@pytest.mark.parametrize(("waivers", "still_open"), SENDABLE)
def test_without_proof_only_a_reason_lets_a_case_go(
    waivers: dict[str, str], still_open: bool
) -> None:
    assert checklist.proof_open(with_papers(case(case_type="breast"), **waivers)) == still_open


def test_imaging_can_prove_a_liver_tumour() -> None:
    assert not checklist.proof_open(with_papers(case(case_type="liver"), "ct_report"))
    assert checklist.proof_open(with_papers(case(case_type="breast"), "ct_report"))


@pytest.mark.parametrize("kind", [entry["id"] for entry in table("checklist")["case_types"]])
def test_every_case_type_has_a_list_and_a_proof(kind: str) -> None:
    made = case(case_type=kind)
    assert checklist.proof(made) in checklist.documents()
    assert set(checklist.needs(made, TODAY)) <= set(checklist.documents())


@pytest.mark.parametrize("sex", ["female", "male", "other", "unknown"])
def test_every_case_type_can_be_reached_from_the_menu(sex: str) -> None:
    made = case(sex=sex)
    rows = {row for page in ("", "other", "blood") for row in checklist.menu(made, page)}
    assert set(checklist.types()) <= rows
