"""Diagnoses, operations and chemotherapies in the words of the paper."""

import re
from collections.abc import Iterator
from functools import cache

from nlu.report.fact import Fact
from nlu.report.stretch import Stretch, fact
from nlu.report.vocabulary import denied, only_asked, vocabulary

# 'Resection margins', 'excision biopsy' tell of no operation.
_NO_OPERATION = re.compile(r"\s*(?:margin|specimen|biopsy|is planned|edge|plane)", re.IGNORECASE)
_TOO_BARE = re.compile(r"(?:transurethral )?resection|excision|laparotomy", re.IGNORECASE)
_DIFFERENTIATED = re.compile(r",\s*\w+ differentiated$", re.IGNORECASE)
_LEADING = re.compile(r"^(?:of|type|primary|grade)\s+", re.IGNORECASE)
# So near before a regimen's letters stands the label that makes them one: 'AC' alone is a lot.
LABEL = 40


def diagnoses(stretch: Stretch, number: int) -> Iterator[Fact]:
    """Names of tumours of two words or more that are told, not asked, denied or suspected."""
    for hit in _tumour().finditer(stretch.text):
        start = hit.start()
        if " " not in hit[0] or denied(stretch, start) or only_asked(stretch, start):
            continue
        value = _LEADING.sub("", hit[0].strip(" ,"))
        if stretch.text[hit.end() :].lstrip().startswith("(G"):
            # 'Squamous cell carcinoma, Poorly differentiated (G3)' ends with the grade.
            value = _DIFFERENTIATED.sub("", value)
        doubt = "? " if stretch.text[:start].rstrip().endswith("?") else ""
        yield fact("diagnosis", doubt + value, stretch, start, hit.end(), number)


def operations(stretch: Stretch, number: int) -> Iterator[Fact]:
    """Names of operations, done or planned: the line says which."""
    for hit in _operation().finditer(stretch.text):
        no_operation = _NO_OPERATION.match(stretch.text, hit.end())
        bare = _TOO_BARE.fullmatch(hit[0].strip())
        if not no_operation and not bare and not denied(stretch, hit.start()):
            value = hit[0].strip(" ,")
            yield fact("procedure", value, stretch, hit.start(), hit.end(), number)


def regimens(stretch: Stretch, number: int) -> Iterator[Fact]:
    """Names of chemotherapies, and drugs that are given together or by the week."""
    for hit in _regimen().finditer(stretch.text):
        before = stretch.text[max(0, hit.start() - LABEL) : hit.start()]
        labelled = vocabulary("regimen_labels").search(f"{stretch.field_at(hit.start())} {before}")
        if labelled or vocabulary("drugs").search(hit[0]):
            yield fact("regimen", hit[0].strip(), stretch, hit.start(), hit.end(), number)


@cache
def _tumour() -> re.Pattern[str]:
    words, nouns, ends, organs = (
        vocabulary(key).pattern for key in ("tumour_words", "tumours", "tumour_ends", "organs")
    )
    more = rf"(?:\s*,\s*(?:{ends}))*"
    where = rf"(?:\s+(?:of\s+(?:the\s+)?)?(?:{organs}))?"
    return re.compile(rf"(?:(?:{words})[\s,]+)*(?:{nouns}){more}{where}{more}", re.IGNORECASE)


@cache
def _operation() -> re.Pattern[str]:
    words, nouns, ends = (
        vocabulary(key).pattern for key in ("operation_words", "operations", "operation_ends")
    )
    link = r"\s*(?:,|\+|with|and|&)\s*(?:bilateral\s+|right\s+|left\s+)?"
    return re.compile(rf"(?:(?:{words})[\s-]+)*(?:{nouns})(?:{link}(?:{ends}))*", re.IGNORECASE)


@cache
def _regimen() -> re.Pattern[str]:
    drug, names = vocabulary("drugs").pattern, vocabulary("regimens").pattern
    together = rf"(?:{drug})(?:\s*(?:\+|/|and|&)\s*(?:{drug}))"
    often = r"\s+(?:\d-?\s?weekly|weekly|q\d\s?w|depot|AUC\s?\d)"
    named = rf"(?:{names})(?:\s*\({together}*\))?(?:{often})?"
    return re.compile(rf"{named}|{together}+(?:{often})?|(?:{drug}){often}", re.IGNORECASE)
