"""One person or two: names as papers print them and as families tell them."""

import pytest

from nlu.report.same import same_person

YES = [
    ("SMT. SUNITA DEVI", "Sunita Devi"),
    ("Mrs. Sunita Devi", "सुनीता देवी"),
    ("सुनीता देवी", "Sunita Devi"),
    ("MR. VITTHAL MORE", "Vitthal More"),
    ("More Vitthal", "Vitthal More"),
    ("Mr. R. Kumar Swamy", "Ramesh Kumar Swamy"),
    ("S. Lakshmi", "Lakshmi Subramaniam"),
    ("Lakshmi S", "Lakshmi"),
    ("SUNITA", "Sunita Devi"),
    ("MR. NIRMAC MONDAL", "Nirmal Mondal"),
    ("Meenakshisundaram", "Meenakshi Sundaram"),
    ("Smt Sunita Devi Sharma", "Sunita Sharma"),
    ("Shri Ramesh Chandra S/O Mohan Lal", "Ramesh Chandra"),
    ("கணேசன் பெருமாள்", "Ganesan Perumal"),
    ("কল্যাণী মণ্ডল", "Kalyani Mondal"),
    ("MD. SALIM ANSARI", "Mohammad Salim Ansari"),
    ("Geetha Lakshmi", "Gita Laxmi"),
    ("Kumari Pooja", "Puja"),
    ("Dr. Asha Verma", "Asha Verma"),
    ("Sushila Patil", "Shusheela Patil"),
]
NO = [
    ("MR. RAMESH KUMAR", "Sunita Devi"),
    ("Vitthal More", "Sunita More"),
    ("Lakshmi Arumugam", "Ganesan Perumal"),
    ("सुनीता देवी", "Ramesh Kumar"),
    ("Anjali Das", "Tapan Das"),
    ("Abdul Rahman", "Shanti Tiwari"),
]
UNSURE = [
    ("Sunita Sharma", "Sunita Devi"),
    ("Geeta Kumari", "Geeta Tiwari"),
    ("Baby of Sunita Devi", "Sunita Devi"),
    ("Ramesh Kumar", "Suresh Kumar"),
    ("Sunita More", "Anita More"),
    ("", "Sunita Devi"),
    ("S. D.", "Sunita Devi"),
    ("Kumar", "Devi"),
]


@pytest.mark.parametrize(("printed", "told"), YES)
def test_yes(printed: str, told: str) -> None:
    assert same_person(printed, told) == "yes"
    assert same_person(told, printed) == "yes"


@pytest.mark.parametrize(("printed", "told"), NO)
def test_no(printed: str, told: str) -> None:
    assert same_person(printed, told) == "no"
    assert same_person(told, printed) == "no"


@pytest.mark.parametrize(("printed", "told"), UNSURE)
def test_unsure(printed: str, told: str) -> None:
    assert same_person(printed, told) == "unsure"
    assert same_person(told, printed) == "unsure"
