"""Stage, grade, scores, receptors and doses, as printed."""

import re
from collections.abc import Iterator
from functools import cache

from nlu.data import load
from nlu.report.fact import Fact
from nlu.report.find import listed, pattern
from nlu.report.stretch import Stretch, fact
from nlu.report.vocabulary import denied, vocabulary

# Engines take 0 for O and 1 for l or I.
_ONE = "[0-9OoIl]"
_TNM = re.compile(
    rf"(?<![A-Za-z])(?:yp|yc|[cprya])?T(?:{_ONE}[a-d]?\d?|[xX]|is)[\s,;]*"
    rf"[cp]?N(?:{_ONE}[a-c]?|[xX])(?:mi|\(sn\))?"
    rf"(?:[\s,;]*[cp]?M(?:{_ONE}[a-c]?|[xX]))?(?![A-Za-z])"
)
_STAGE = re.compile(
    r"(?:(?:FIGO|AJCC|clinical|pathological|Ann Arbor|Rai|Binet|ISS|R-ISS|Lugano)\s+)?"
    r"(?<![A-Za-z])[Ss](?:tage|TAGE)[\s:-]+(?:I{1,3}V?|IV|[1-4])\s?(?:[A-Ea-e][1-3]?)?"
    r"(?![A-Za-z0-9/])"
)
_GRADE = re.compile(
    r"(?:(?:modified\s+)?(?:nottingham|bloom[\s-]+richardson|sbr|mbr|who|fuhrman|isup)\s+)?"
    r"(?:histologic(?:al)?\s+)?grade\s*[:-]?\s*(?:group\s*)?(?:I{1,3}|IV|[1-4])(?!\w)"
    r"(?:\s*\([^)]{1,20}\))?"
    r"|gleason'?s?\s*(?:score|sum|pattern)?[\s:-]*[1-5]\s?\+\s?[1-5](?:\s?=\s?\d{1,2})?"
    r"(?:\s*\([^)]{1,24}\))?"
    r"|(?:well|moderately|poorly)(?:\s+to\s+(?:moderately|poorly))?\s+differentiated"
    r"(?:\s*\([^)]{1,12}\))?"
    r"|(?:high|low|intermediate)\s+grade\s*\(G[1-3]\)",
    re.IGNORECASE,
)
_SCORES = {
    "birads": r"BI\s?-?\s?RADS(?:\s+(?:category|score))?[\s:-]*"
    r"(?:[0-6](?:\s?[ABC](?![A-Z]))?|V?I{1,3}V?)",
    "pirads": r"PI\s?-?\s?RADS(?:\s+(?:category|score|v2\.?1?))?[\s:-]*[1-5]",
    "tirads": r"TI\s?-?\s?RADS(?:\s+(?:category|score))?[\s:-]*[1-5][abc]?",
    "ecog": r"ECOG(?:\s*(?:PS|performance status|score))?[\s:=-]*[0-4]",
}
_SHARES = {
    "ki67": r"K[il1]\s?-?\s?67\b(?:(?!\b(?:ER|PR|HER2?)\b)[^%.;]){0,60}?"
    r"(?P<value>(?:[<>~]\s?)?\d{1,3}(?:\s?-\s?\d{1,3})?\s?%)",
    "lvef": r"(?:LV\s?EF|ejection fraction|(?<![a-z])EF)\b[^%.;\d]{0,30}"
    r"(?P<value>\d{2}(?:\s?-\s?\d{2})?\s?%)",
    "suvmax": r"SUV\s?(?:max)?[\s:=-]*(?:of\s*)?(?P<value>\d{1,2}(?:\.\d{1,2})?)(?!\s?%|\d)",
    "cycle": r"cycle(?:\s*no)?[\s:.#|-]*(?P<value>\d{1,2}\s?(?:of|/|out of)\s?\d{1,2})(?!\d)",
}
_DOSE = re.compile(
    r"(?:dose|radiation|radiotherapy|RT|EBRT|received|delivered|total)\b[^.;]{0,40}?"
    r"(?P<value>(?<![\d.])\d{1,2}(?:\.\d{1,2})?)\s?Gy(?![a-z])"
    r"|(?P<alone>(?<![\d.])\d{2}(?:\.\d{1,2})?)\s?Gy\s*(?:/|in)\s*\d{1,2}",
    re.IGNORECASE,
)
_DOSE_HEAD = re.compile(r"(?:total\s*)?dose\s*\(?\s*(?:in\s*)?Gy\s*\)?", re.IGNORECASE)
_DOSE_ALONE = re.compile(r"\d{1,2}(?:\.\d{1,2})?(?:\s?Gy)?")
_ALLRED = r"[0-5]\s?\+\s?[0-3]\s?=\s?\d(?:\s?/\s?8)?"
_STATUS = re.compile(
    r"(?P<value>(?:(?:strong|weak|moderate|focal|diffuse|low)(?:ly)?\s+)*"
    r"(?:positive|negative|equivocal|non[\s-]?reactive|reactive|not expressed|expressed)"
    r"(?:\s*\([^)]{1,40}\))?"
    r"(?:(?:[\s,:-]*(?:allred[\s:]*)?(?:score[\s:]*)?|\s+in\s+)"
    rf"(?:{_ALLRED}|[0-3]\s?\+(?!\s?\d)|\d\s?/\s?8|\d{{1,3}}\s?%))?)",
    re.IGNORECASE,
)
# A score instead of a status, where its form says whose it is: 'PR 1+' is of a heart's valve.
_SCORE = {
    "her2": re.compile(
        r"(?P<value>(?:(?:score[\s:=-]*)?[0-3]\s?\+(?!\s?\d)"
        r"|score[\s:=-]*[0-3](?!\s?[\d.+/%]|\s*(?:-|to|of)\s*\d))"
        r"(?:\s*\([^)]{1,40}\)|[\s,:-]*(?:positive|negative|equivocal)\b)?)"
        r"(?!\s*(?:positive|negative|equivocal|cases?|tumou?rs?|patients?|should|needs?|or|to)\b)",
        re.IGNORECASE,
    ),
    **dict.fromkeys(
        ("er", "pr"),
        re.compile(
            rf"(?P<value>(?:allred[\s:]*)?(?:score[\s:=-]*)?{_ALLRED}"
            r"|allred[\s:]*(?:score[\s:=-]*)?\d\s?/\s?8)",
            re.IGNORECASE,
        ),
    ),
}
# Between a receptor and its status only the name of the clone may stand.
_BETWEEN = re.compile(
    r"[\s:|=(),.-]*(?:is|was|are|status|by ihc|[a-z]*-?\d[\w-]*(?![\w-]|\s?[+/%]))?[\s:|=(),.-]*",
    re.IGNORECASE,
)


def stages(stretch: Stretch, number: int) -> Iterator[Fact]:
    """TNM and stages by number."""
    for said in (_TNM, _STAGE):
        for hit in said.finditer(stretch.text):
            if not denied(stretch, hit.start()):
                value = _digits(hit[0]) if said is _TNM else hit[0]
                yield fact("stage", value.strip(" ,;"), stretch, hit.start(), hit.end(), number)


def _digits(tnm: str) -> str:
    """'T2 NO MO' can only be T2 N0 M0."""
    return re.sub(r"(?<=[TNM])[Il]", "1", re.sub(r"(?<=[TNM])[Oo]", "0", tnm))


def grades(stretch: Stretch, number: int) -> Iterator[Fact]:
    """Grades of the tumour: not of a side effect, nor where the diagnosis says it already."""
    for hit in _GRADE.finditer(stretch.text):
        rest = stretch.text[hit.end() : hit.end() + 24].lstrip(" -,:")
        bare = hit[0].lower().endswith("differentiated") and _of_tumour(stretch, hit.start(), rest)
        if not bare and not vocabulary("not_grade").match(rest):
            yield fact("grade", hit[0].strip(" ,;"), stretch, hit.start(), hit.end(), number)


def _of_tumour(stretch: Stretch, start: int, rest: str) -> bool:
    before = stretch.text[:start].rstrip()
    ends = before.endswith(",") and vocabulary("tumours").search(before[-30:])
    named = vocabulary("tumours").search(rest) or vocabulary("tumour_words").match(rest)
    return bool(ends or named)


def scores(stretch: Stretch, number: int) -> Iterator[Fact]:
    """BI-RADS and the like with their names; shares and numbers without."""
    for name, said in _SCORES.items():
        for hit in re.finditer(said + r"(?!\w)", stretch.text, re.IGNORECASE):
            yield fact(name, hit[0].strip(), stretch, hit.start(), hit.end(), number)
    for name, said in _SHARES.items():
        for hit in re.finditer(said, stretch.text, re.IGNORECASE):
            yield fact(name, hit["value"].strip(), stretch, hit.start(), hit.end(), number)


@cache
def _receptors() -> dict[str, re.Pattern[str]]:
    listed_names = load("report/facts.yml")["receptors"].items()
    return {name: pattern(listed([names])) for name, names in listed_names}


def receptors(stretch: Stretch, number: int) -> Iterator[Fact]:
    """ER, PR, HER2 and others with the status that follows at once."""
    for name, called in _receptors().items():
        for said in called.finditer(stretch.text):
            if hit := _status(name, stretch.text, said.end()):
                yield fact(name, hit["value"], stretch, said.start(), hit.end(), number)


def _status(name: str, text: str, end: int) -> re.Match[str] | None:
    between = _BETWEEN.match(text, end)
    start = between.end() if between else end
    score = _SCORE.get(name)
    return _STATUS.match(text, start) or (score.match(text, start) if score else None)


def doses(stretch: Stretch, number: int) -> Iterator[Fact]:
    """Doses of radiation in running text, and the number under 'Dose (Gy)'."""
    for hit in _DOSE.finditer(stretch.text):
        value = hit["value"] or hit["alone"]
        yield fact("dose", value, stretch, hit.start(), hit.end(), number, "Gy")
    for head, cell in zip(stretch.lines, stretch.lines[1:], strict=False):
        under = _DOSE_ALONE.fullmatch(cell.text.strip())
        if under and _DOSE_HEAD.fullmatch(head.text.strip()):
            column = Stretch((cell,), cell.text, (head.text,))
            yield fact("dose", under[0].removesuffix("Gy").strip(), column, 0, 1, number, "Gy")
