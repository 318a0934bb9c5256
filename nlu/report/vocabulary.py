"""The vocabularies of `facts.yml` as patterns, and what makes words of them no finding."""

import re
from functools import cache

from nlu.data import load
from nlu.report.find import listed, pattern
from nlu.report.stretch import Stretch

NOT_BEFORE = 34
# A field has a colon or so few words.
FIELD = 2
# 'Treatment for', 'B. carcinoma': a sentence ends at a stop that a space follows.
_SENTENCE = re.compile(r"[.;:](?:\s|$)")


@cache
def vocabulary(key: str) -> re.Pattern[str]:
    """Finds any word of one list of `facts.yml`."""
    return pattern(listed([load("report/facts.yml")[key]]))


def denied(stretch: Stretch, start: int) -> bool:
    """'No evidence of', 'history of', 'to rule out' stands before it in its sentence."""
    sentence = _SENTENCE.split(stretch.text[:start])[-1]
    return bool(vocabulary("denied").search(sentence[-NOT_BEFORE:]))


def only_asked(stretch: Stretch, start: int) -> bool:
    """It stands in a field that repeats the request: 'Indication: carcinoma breast'."""
    sentence = re.split(r"[.;](?:\s|$)", stretch.text[:start])[-1]
    label = sentence.rsplit(":", 1)[0][-30:] if ":" in sentence else ""
    field = stretch.field_at(start)
    # In two columns the text of the other one stands there.
    own = field if field.rstrip().endswith(":") or len(field.split()) <= FIELD else ""
    return bool(vocabulary("asked").search(f"{own} | {label}"))
