"""How sure a guess is, and which words decide between kinds that look alike."""

import pytest

from nlu.report.kind import Guess, kind_of, points_of
from tests.nlu.report_pages import typed

DECIDED = [
    ("HISTOPATHOLOGY REPORT\nSpecimen: Trucut biopsy. Received in formalin.", "biopsy_report"),
    ("HISTOPATHOLOGY REPORT\nMastectomy specimen. Resection margins free. Nodes positive 2/14.",
     "surgical_pathology"),
    ("PET-CT SCAN REPORT\nFDG avid lesion, SUVmax 8. CT with contrast.", "pet_ct_report"),
    ("CECT ABDOMEN\nEnhancing lesion. HU 40.", "ct_report"),
    ("MRI PROSTATE\nPI-RADS 4, peripheral zone.", "mri_prostate"),
    ("SONO-MAMMOGRAPHY REPORT\nCC and MLO views. Microcalcifications.", "mammogram"),
    ("SONOMAMMOGRAPHY\nHypoechoic lesion in breast at 2 o'clock, linear transducer.",
     "breast_ultrasound"),
    ("LABORATORY REPORT\nPSA, total   8.4   ng/mL", "psa_report"),
    ("LABORATORY REPORT\nCA-125   40   U/mL\nCEA   2   ng/mL", "tumour_markers"),
    ("DISCHARGE SUMMARY\nChemotherapy cycle 2 was given. Surgeon Dr. A.", "discharge_summary"),
    ("IMPRESSION\nPI-RADS 4 lesion in the peripheral zone.", "mri_prostate"),
    ("WHOLEBODYBONESCAN\nTc-99m MDP", "bone_scan"),
]  # fmt: skip
NOTHING = ["", "Good morning", "Thank you for your visit", "01/02/2026", "Page 2 of 2"]


@pytest.mark.parametrize(("text", "kind"), DECIDED)
def test_decided(text: str, kind: str) -> None:
    assert kind_of([typed(text)]).kind == kind


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_tells(text: str) -> None:
    assert kind_of([typed(text)]) == Guess("", 0.0)


def test_a_heading_makes_sure_and_a_word_in_passing_does_not() -> None:
    heading = kind_of([typed("BONE SCAN REPORT\nTc-99m MDP, increased tracer uptake")])
    passing = kind_of([typed("Advised bone scan and review with the report after two weeks")])
    assert heading.sure > 0.9 > 0.75 > passing.sure


def test_what_speaks_against_a_kind_counts() -> None:
    with_fdg = points_of([typed("CT SCAN REPORT\nFDG uptake, SUVmax 4")])["ct_report"]
    assert with_fdg < points_of([typed("CT SCAN REPORT")])["ct_report"]


def test_pages_are_told_together() -> None:
    second = typed("Previous values   4.1   ng/mL\nPage 2 of 2")
    assert kind_of([typed("PSA REPORT\nPSA, total 8.4 ng/mL"), second]).kind == "psa_report"
