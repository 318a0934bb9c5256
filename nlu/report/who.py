"""Whose name stands on the pages, as printed; never the father's, the husband's or a doctor's."""

import re
from collections.abc import Iterator, Sequence

from nlu.report.beside import Beside, beside
from nlu.report.find import clean, labels
from nlu.report.page import Line, PageText
from nlu.report.rows import Row, pieces_of, words

# Indic letters that the engine does not know are read as Latin ones, with doubt.
LEAST_SURE, LEAST_SURE_OWN, LEAST_SURE_REST = 0.85, 0.75, 0.9
MOST_WORDS, LEAST_LETTERS, LONGEST = 6, 3, 60
# A running head stands in the upper part of its page.
HEAD, HEAD_ROWS = 0.35, 3
_BREAK = re.compile(r"[0-9(\[{|<>=;:@#*_\"]|\s[-–/]\s|\s/|//|,\s*(?=\d)|\s{3,}")
_DOCTOR = re.compile(r"^\W*(?:dr|doctor|prof|डॉ|ডা|டாக்டர்)\b\.?|^\W*(?:डॉ|ডাঃ)", re.IGNORECASE)
_EDGE = " .,:;-–_/'’|)(*&"
_TITLED = re.compile(r"\b(?:Mr|MR|Mrs|MRS|Ms|MS|Smt|SMT|Shri|SHRI|Kum|KUM)\b\.? ?[A-Z]")
# A number of the hospital and a date in one row: the head of a page that goes on.
_NUMBER = re.compile(r"\b[A-Z0-9]{1,6}[-/ ]?\d{3,}\b", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/., ]+\d{2,4}|[A-Za-z]{3,9} \d{1,2},")
_NO_NAME = re.compile(
    r"\b(?:report|hospital|laborator\w*|labs?|clinic|centre|center|institute|department|unknown|"
    r"test|result|unit|units|reference|range|value|page|fictional|normal|findings|specimen|history|"
    r"information|details|particulars|identification|signature|consent|examination|scan|summary|"
    r"care|status|position|education|safety|was|has|is|the|with|were|under|advised|tolerated|"
    r"counselled|not|no|and)\b",
    re.IGNORECASE,
)


def patient_of(pages: Sequence[PageText]) -> str:
    """The patient's name as printed, with its honorific; "" where none stands there for sure."""
    for told in (_labelled, _courteous, _alone, _running_head, _amid):
        for page in map(clean, pages):
            if name := next(told(page), ""):
                return name
    return ""


def _labelled(page: PageText) -> Iterator[str]:
    for found in beside(page, labels("name")):
        if not _others(found):
            yield from (
                f"{name}{_rest(page, found, name)}" for name in _names(found.values, found.piece)
            )


def _rest(page: PageText, found: Beside, name: str) -> str:
    """The end of a long name, on the next row, where no label stands before it."""
    below = pieces_of(page)[found.row + 1 : found.row + 2]
    if len(name.split()) > 2 or not below or below[0][0].box[0] < found.piece.box[0] + 0.06:
        return ""
    more = _name(below[0][0].text) if below[0][0].sure >= LEAST_SURE_REST else ""
    return f" {more}" if more and len(more.split()) <= 2 else ""


def _alone(page: PageText) -> Iterator[str]:
    """A bare 'Name', at the start of its piece and with nothing before it that says whose."""
    for found in beside(page, labels("name_alone")):
        # Reports in two languages name the field twice: 'रोगी / Patient'.
        bare = found.before.endswith("/ ") or not re.search(r"[^\W\d_]{4}", found.before)
        if bare and not _others(found) and not _sentence(found):
            yield from _names(found.values, found.piece)


def _others(found: Beside) -> bool:
    return bool(labels("other_name").search(found.before[-25:]))


def _sentence(found: Beside) -> bool:
    """'Patient tolerated it well': a label in small letters amid words is none."""
    follows = found.values[0].text if found.values else ""
    own = bool(found.values) and found.values[0].box == found.piece.box
    return own and ":" not in found.piece.text and follows[:1].islower()


def _courteous(page: PageText) -> Iterator[str]:
    """A name without a label that begins with Mr, Smt, श्री, in the head of the page."""
    for cell in _nobody_elses(page):
        if labels("honorific").match(cell.text.lstrip(_EDGE)):
            yield from _names((cell,))


def _amid(page: PageText) -> Iterator[str]:
    """The same, after a label that the engine could not read."""
    for cell in _nobody_elses(page):
        found = _TITLED.search(cell.text)
        if found and not labels("other_name", "relation").search(cell.text[: found.start()]):
            yield from _names((Line(cell.text[found.start() :], cell.box),))


def _nobody_elses(page: PageText) -> Iterator[Line]:
    """Cells of the head that no label on their left gives to somebody else."""
    for row in _head(page):
        for before, cell in zip((None, *row), row, strict=False):
            if not before or not labels("other_name", "relation").search(before.text):
                yield cell


def _running_head(page: PageText) -> Iterator[str]:
    """A name, the hospital's number and a date in one row."""
    for row in _head(page):
        whole = words(row)
        if _NUMBER.search(whole) and _DAY.search(whole):
            before = _NUMBER.split(whole, maxsplit=1)[0]
            yield from (name for name in _names((Line(before, row[0].box),)) if " " in name)


def _head(page: PageText) -> Iterator[Row]:
    for at, row in enumerate(pieces_of(page)):
        if at < HEAD_ROWS or row[0].box[1] < HEAD:
            yield row


def _names(values: Sequence[Line], label: Line | None = None) -> Iterator[str]:
    """The first of these that is a name; in one piece with its label less is asked of it."""
    own = label.box if label else None
    least = ((value, LEAST_SURE_OWN if value.box == own else LEAST_SURE) for value in values)
    read = (_name(value.text) for value, sure in least if value.sure >= sure)
    yield from [name for name in read if name][:1]


def _name(text: str) -> str:
    if _DOCTOR.search(text):
        return ""
    for ending in (_NUMBER, labels("relation"), labels("next_label"), _BREAK):
        if found := ending.search(text, 1):
            text = text[: found.start()]
    name = text.strip(_EDGE)
    letters = sum(char.isalpha() for char in name)
    short = 1 <= len(name.split()) <= MOST_WORDS and len(name) <= LONGEST
    if (
        letters < LEAST_LETTERS
        or not short
        or _NO_NAME.search(name)
        or _is_label(name)
        or name[0].isdecimal()
    ):
        return ""
    return name


def _is_label(name: str) -> bool:
    known = ("name", "name_alone", "next_label", "reported", "happened", "plain", "earlier")
    return bool(labels(*known).fullmatch(name)) or name[0].islower()
