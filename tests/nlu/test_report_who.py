"""Whose name stands on a page: the patient's, never anybody else's."""

import pytest

from nlu.report.page import Line, PageText
from nlu.report.who import patient_of
from tests.nlu.report_pages import typed

FOUND = [
    ("Patient Name : MRS. SUNITA DEVI   Age : 45", "MRS. SUNITA DEVI"),
    ("PATIENT NAME: Sunita Devi W/O Ram Lal", "Sunita Devi"),
    ("Name: RAVI KUMAR S/O MOHAN KUMAR", "RAVI KUMAR"),
    ("Name of Patient - Smt. Radha Bai (45 Y/F)", "Smt. Radha Bai"),
    ("Pt Name: A. K. Bose  UHID: 1234567", "A. K. Bose"),
    ("Patient: Mr. D'Souza Peter   Sex: M", "Mr. D'Souza Peter"),
    ("Father's Name: Ram Lal\nPatient Name: Sita Ram", "Sita Ram"),
    ("Husband Name   Mr. Ram Lal\nPatient Name   Mrs. Sita", "Mrs. Sita"),
    ("Ref. By: Dr. A. Nobody\nName: Gita Rao", "Gita Rao"),
    ("PatientName:KAMALA DAS   Date:01/02/2026", "KAMALA DAS"),
    ("PatientSMT. MALA GHOSH\nName:", "SMT. MALA GHOSH"),
    ("रोगी का नाम : सुनीता देवी   आयु : 45", "सुनीता देवी"),
    ("रुग्णाचे नाव / Patient Name : श्री विठ्ठल मोरे", "श्री विठ्ठल मोरे"),
    ("নাম : মালা ঘোষ   বয়স : 40", "মালা ঘোষ"),
    ("Mr. Ramesh Iyer  MR-123456  01/02/2026\nIMPRESSION", "Mr. Ramesh Iyer"),
    ("Ramesh Iyer   OP-123456   01/02/2026\nIMPRESSION", "Ramesh Iyer"),
    ("B/O: LATHA\nPatient Name: BABY OF LATHA", "BABY OF LATHA"),
]
NOBODY = [
    "Father's Name: Ram Lal",
    "Husband's Name : Mr. Ram Lal",
    "S/O: Mohan Kumar",
    "C/O  Mr. Ram Lal",
    "Referred by Dr. Anil Nobody",
    "Doctor Name: Dr. Anil Nobody",
    "Hospital Name: Invented Hospital",
    "Test Name   Result   Unit",
    "Patient Name :   Age : 45   Sex : F",
    "The patient tolerated the procedure well.",
    "Patient was discharged in stable condition",
    "Name and signature of pathologist",
    "Attendant Name: Mr. Ram Lal",
    "IMPRESSION\nNo mass lesion.",
    "",
]


@pytest.mark.parametrize(("text", "name"), FOUND)
def test_found(text: str, name: str) -> None:
    assert patient_of([typed(text)]) == name


@pytest.mark.parametrize("text", NOBODY)
def test_nobody(text: str) -> None:
    assert patient_of([typed(text)]) == ""


def test_the_first_page_that_has_a_label_counts() -> None:
    first, second = typed("MRI BRAIN"), typed("Patient Name: Sunita Devi")
    assert patient_of([first, second]) == "Sunita Devi"


def test_a_label_of_two_rows_with_the_name_beside_the_upper_one() -> None:
    lines = (
        Line("रोगी का नाम /", (0.10, 0.200, 0.25, 0.215)),
        Line("SMT. MEENA YADAV", (0.30, 0.201, 0.55, 0.216)),
        Line("Patient Name:", (0.10, 0.222, 0.24, 0.237)),
        Line("Age:", (0.10, 0.260, 0.14, 0.275)),
    )
    assert patient_of([PageText(lines, 0, "typed", 1000, 1414)]) == "SMT. MEENA YADAV"


def test_a_name_that_goes_on_below() -> None:
    text = "Patient Name:   SMT. MEENAKSHI\n                SUBRAMANIAN\nAge: 60"
    assert patient_of([typed(text)]) == "SMT. MEENAKSHI SUBRAMANIAN"
