"""What is a fact and what is none: ranges, denials, requests, side effects, older values."""

import time

import pytest

from nlu.report.facts import facts_of
from nlu.report.page import Line, PageText
from tests.nlu.report_pages import typed

Told = tuple[str, str, str]
FOUND: list[tuple[str, Told]] = [
    ("PSA 8.4 ng/mL", ("psa", "8.4", "ng/mL")),
    ("Serum PSA (Total) : 12.30 ng/ml", ("psa", "12.30", "ng/ml")),
    ("Hb   9.8   g/dl   12-15", ("haemoglobin", "9.8", "g/dl")),
    ("HAEMOGLOBIN (Hb)   7.2 *   gm%   13 - 17", ("haemoglobin", "7.2", "gm%")),
    ("S. Creatinine   1.4   mg/dl   0.6 - 1.2", ("creatinine", "1.4", "mg/dl")),
    ("Creatinine before the scan: 0.9 mg/dL.", ("creatinine", "0.9", "mg/dL")),
    ("CA 19.9   <2.0   U/mL   0 - 37", ("ca199", "<2.0", "U/mL")),
    ("Platelet Count   2,45,000   /cumm   150000 - 450000", ("platelets", "2,45,000", "/cumm")),
    ("Alpha Feto Protein (AFP)   1250   ng/mL   0 - 8", ("afp", "1250", "ng/mL")),
    ("ER: Positive (90%)", ("er", "Positive (90%)", "")),
    ("ER - Negative, PR - Negative", ("pr", "Negative", "")),
    ("Oestrogen receptor (ER)   SP1   Positive (60%)", ("er", "Positive (60%)", "")),
    ("HER2/neu: Equivocal (score 2+)", ("her2", "Equivocal (score 2+)", "")),
    ("HER2/neu: Score 2+ (equivocal)", ("her2", "Score 2+ (equivocal)", "")),
    ("HER-2 neu   3+", ("her2", "3+", "")),
    ("HER2 (4B5): 1+ negative", ("her2", "1+ negative", "")),
    ("Her2 neu - score 0", ("her2", "score 0", "")),
    ("ER   Positive   Allred 7/8", ("er", "Positive Allred 7/8", "")),
    ("PR: Positive, Allred score 5/8", ("pr", "Positive, Allred score 5/8", "")),
    ("ER: strong positive in 95% of cells", ("er", "strong positive in 95%", "")),
    ("ER: Score 3 + 2 = 5/8", ("er", "Score 3 + 2 = 5/8", "")),
    ("PR   0+0=0/8", ("pr", "0+0=0/8", "")),
    ("ER: Positive 3+2=5/8", ("er", "Positive 3+2=5/8", "")),
    ("ER - Allred score 7/8", ("er", "Allred score 7/8", "")),
    ("HER2/neu: Negative (score 1+)", ("her2", "Negative (score 1+)", "")),
    ("Ki-67   30-9   35%", ("ki67", "35%", "")),
    ("Ki67 index is approximately 18 %", ("ki67", "18 %", "")),
    ("Gleason score 4+3=7 (grade group 3)", ("grade", "Gleason score 4+3=7 (grade group 3)", "")),
    ("Tumour grade: Nottingham grade III (8/9)", ("grade", "Nottingham grade III (8/9)", "")),
    ("pT2 pN1a M0", ("stage", "pT2 pN1a M0", "")),
    ("Stage: cT4aN2bM0", ("stage", "cT4aN2bM0", "")),
    ("cT2 NO MO", ("stage", "cT2 N0 M0", "")),
    ("FIGO stage IIIC", ("stage", "FIGO stage IIIC", "")),
    ("Ca cervix, Stage IIB", ("stage", "Stage IIB", "")),
    ("BIRADS category 4A", ("birads", "BIRADS category 4A", "")),
    ("LV ejection fraction 60%", ("lvef", "60%", "")),
    ("Received 50.4 Gy in 28 fractions", ("dose", "50.4", "Gy")),
    ("Regimen: R-CHOP", ("regimen", "R-CHOP", "")),
    ("Inj. Docetaxel 3-weekly", ("regimen", "Docetaxel 3-weekly", "")),
    ("Cycle No: 2/6", ("cycle", "2/6", "")),
    ("Total abdominal hysterectomy was done", ("procedure", "Total abdominal hysterectomy", "")),
    ("Impression: Hepatocellular carcinoma", ("diagnosis", "Hepatocellular carcinoma", "")),
    ("IMPRESSION\n? Mucinous adenocarcinoma", ("diagnosis", "? Mucinous adenocarcinoma", "")),
    ("Final diagnosis: Acute myeloid leukaemia", ("diagnosis", "Acute myeloid leukaemia", "")),
]  # fmt: skip
NOT_FOUND = [
    ("PSA   0.0 - 4.0   ng/mL", "psa"),
    ("PSA density 0.18 ng/mL", "psa"),
    ("Previous PSA 12.1 ng/mL", "psa"),
    ("PSA is advised.", "psa"),
    ("Free PSA   0.8   ng/mL", "psa"),
    ("Mean Corpuscular Haemoglobin   27.4   pg", "haemoglobin"),
    ("Haemoglobin   12.0 - 16.0   g/dL", "haemoglobin"),
    ("Transfuse if Hb 8 g/dl", "haemoglobin"),
    ("Hb was normal on day 3", "haemoglobin"),
    ("Creatinine clearance   64   ml/min", "creatinine"),
    ("Urine creatinine   90   mg/dL", "creatinine"),
    ("Creatinine   2.38   lakh", "creatinine"),
    ("No evidence of squamous cell carcinoma", "diagnosis"),
    ("Negative for invasive carcinoma", "diagnosis"),
    ("History of ductal carcinoma in 2015", "diagnosis"),
    ("Family history of ovarian carcinoma", "diagnosis"),
    ("Indication: Carcinoma breast", "diagnosis"),
    ("Indication:   Known squamous cell carcinoma", "diagnosis"),
    ("Clinical diagnosis: Gastric adenocarcinoma", "diagnosis"),
    ("To rule out renal cell carcinoma", "diagnosis"),
    ("Grade 2 mucositis", "grade"),
    ("Grade I fatty liver", "grade"),
    ("Grade 1 nausea after last cycle", "grade"),
    ("Resection margins are free", "procedure"),
    ("Excision biopsy advised", "procedure"),
    ("AC joint is normal", "regimen"),
    ("ER visit on Monday", "er"),
    ("PR 88/min, BP 120/80", "pr"),
    ("PR 3 mm", "pr"),
    ("MR 1+, TR 2+, PR 1+", "pr"),
    ("PR 2+ (moderate)", "pr"),
    ("PR - 3+ prostate enlarged", "pr"),
    ("PR: Score 3/8", "pr"),
    ("PD-L1 score 1%", "pdl1"),
    ("PD-L1: Score 1-49%", "pdl1"),
    ("HER2/neu: 2-3+", "her2"),
    ("HER2 1-2+", "her2"),
    ("HER2 score 2 - 3+", "her2"),
    ("HER2 2+ cases should be tested by FISH", "her2"),
    ("HER2 2+ negative cases", "her2"),
    ("HER2 testing is advised", "her2"),
    ("HER2 0.5 ml", "her2"),
    ("T2 hyperintense signal, normal T1", "stage"),
    ("Stage of labour", "stage"),
    ("Allred 7/8", "cycle"),
]


def told(text: str) -> set[Told]:
    return {(each.name, each.value, each.unit) for each in facts_of([typed(text)])}


@pytest.mark.parametrize(("text", "fact"), FOUND)
def test_found(text: str, fact: Told) -> None:
    assert fact in told(text)


def test_a_page_of_leaders_takes_no_time() -> None:
    line = "ER: positive" + ":" * 20_000 + "x   HER2 score" + ":" * 20_000
    began = time.process_time()
    told(line)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("text", "name"), NOT_FOUND)
def test_not_found(text: str, name: str) -> None:
    assert name not in {each for each, _, _ in told(text)}


def test_a_fact_knows_its_page_and_its_place() -> None:
    facts = facts_of([typed("MRI BRAIN"), typed("\n\nCEA   4.1   ng/mL   0 - 5")])
    assert [(each.name, each.page, each.line) for each in facts] == [("cea", 2, "CEA 4.1 ng/mL")]
    left, top, right, bottom = facts[0].box
    assert 0 <= left < right <= 1
    assert 0.04 < top < bottom < 0.08


def test_a_fact_that_two_pages_repeat_is_told_once() -> None:
    assert len(facts_of([typed("CEA 4.1 ng/mL"), typed("CEA   4.1   ng/mL")])) == 1


def test_the_fuller_of_two_is_kept() -> None:
    text = "Squamous cell carcinoma of lung.\nSquamous cell carcinoma"
    assert {value for _, value, _ in told(text)} == {"Squamous cell carcinoma of lung"}


def test_a_diagnosis_goes_on_in_the_next_line_of_its_column() -> None:
    text = (
        "Specimen: core biopsy     IMPRESSION\n"
        "left lower lobe           Moderately differentiated squamous\n"
        "received in formalin      cell carcinoma of lung"
    )
    assert ("diagnosis", "Moderately differentiated squamous cell carcinoma of lung", "") in told(
        text
    )


def test_numbers_under_their_names() -> None:
    text = "Hb      WBC     Platelets   Creatinine\n8.5     12417   4.08        0.96"
    assert {("haemoglobin", "8.5", ""), ("creatinine", "0.96", "")} <= told(text)


def test_doubt_of_the_engine_is_handed_on() -> None:
    page = PageText((Line("CEA 4.1 ng/mL", (0.1, 0.1, 0.3, 0.12), 0.62),))
    assert [each.sure for each in facts_of([page])] == [0.62]
