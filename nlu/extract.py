"""What a first message already says about who, how old, what and where."""

from datetime import date
from functools import cache
from typing import Any

from nlu.ages import years_said
from nlu.cancers import CASE_TYPES, cancer_type
from nlu.data import load, section
from nlu.index import Hit, Stems
from nlu.meaning import Answer
from nlu.normalise import normalise
from nlu.numbers import read
from nlu.places import city_of

YOUNGEST, OLDEST = 18, 100
_SHORTEST_SEX = 4
# The word for a relative to who the opinion is for and the patient's sex.
_WHO = {
    "mother": ("parent", "female"),
    "father": ("parent", "male"),
    "son": ("child", "male"),
    "daughter": ("child", "female"),
    "spouse": ("spouse", ""),
    "sibling": ("sibling", ""),
    "friend": ("friend", ""),
}
_SEXES = {
    "wife": "female", "patni": "female", "पत्नी": "female", "biwi": "female",
    "husband": "male", "pati": "male", "पति": "male",
    "brother": "male", "bhai": "male", "भाई": "male",
    "sister": "female", "behen": "female", "bahan": "female", "बहन": "female",
}  # fmt: skip


def extract(text: str, lang: str, today: date) -> dict[str, Any]:
    """Fields that are said without doubt: writer_relation, sex, age, cancer_type, city."""
    words = normalise(text)
    found: dict[str, Any] = {**_said_sex(words), **_who(words)}
    if years := _years(text, words, lang, today):
        found["age"] = years
    kind = cancer_type(text, lang)
    if (
        isinstance(kind, Answer)
        and kind.value in CASE_TYPES
        and kind.value not in ("other", "unsure")
    ):
        found["cancer_type"] = kind.value
    if city := city_of(text):
        found["city"] = city
    return found


def _years(text: str, words: str, lang: str, today: date) -> int | None:
    """An age that is said as one, or the one number that can only be an age."""
    said = years_said(text, lang, today)
    values = [value for value, _ in read(words.split(), lang) if isinstance(value, int)]
    if said is None and len(values) == 1 and YOUNGEST <= values[0] <= OLDEST:
        return values[0]
    return said


def _who(words: str) -> dict[str, str]:
    hits = _relatives().longest(words)
    keys = {hit.key for hit in hits if hit.key in _WHO}
    if len(keys) != 1:
        return {}
    relation, sex = _WHO[keys.pop()]
    sex = sex or _sex(hits)
    return {"writer_relation": relation, **({"sex": sex} if sex else {})}


def _said_sex(words: str) -> dict[str, str]:
    """'Female' or 'पुरुष' said as such: only the plain words of the lexicon."""
    keys = {hit.key for hit in _sexes().hits(words) if hit.key != "other"}
    return {"sex": keys.pop()} if len(keys) == 1 else {}


@cache
def _sexes() -> Stems:
    listed = load("lexicon.yml")["terms"]["sexes"]
    words = ((normalise(w), key) for key, per in listed.items() for w in _every(per))
    return Stems((word, key) for word, key in words if len(word) >= _SHORTEST_SEX)


def _every(per: dict[str, Any]) -> list[str]:
    lists = (entry["w"] if isinstance(entry, dict) else entry for entry in per.values())
    return [str(word) for words in lists for word in words]


def _sex(hits: list[Hit]) -> str:
    said = {_SEXES[hit.phrase] for hit in hits if hit.phrase in _SEXES}
    return said.pop() if len(said) == 1 else ""


@cache
def _relatives() -> Stems:
    listed = section("relations")
    return Stems((w, key) for key, per in listed.items() for ws in per.values() for w in ws)
