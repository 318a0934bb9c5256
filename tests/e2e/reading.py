"""Which question stands in a bubble: found by the words of the catalog, as a reader would."""

import re
from dataclasses import dataclass
from functools import cache

from bot.wording import ISOLATE, Wording, catalog
from flows.checklist import documents
from flows.effects import Voice
from flows.steps import steps

ALWAYS = {"service": "Saathi", "fee": "₹ 3,000", "minutes": "30"}
ALWAYS["grievance"] = "grievance@saathi.example"
OTHERS = {
    "ask.records.paper": "records",
    "records.more": "records_more",
    "papers.again": "retake",
    "ask.records.complete": "records_complete",
    "ask.waiver": "waiver",
    "ask.which_paper": "which_paper",
    "review.ask": "review",
    "read_back": "read_back",
    "ask.questions.more": "questions_more",
    "ask.home": "home",
    "ask.language": "language",
    "ask.slot": "slot",
    "offered.ask": "offered",
}


@dataclass(frozen=True)
class Asked:
    """A question that stands in a bubble, and what is filled in there."""

    name: str
    filled: dict[str, str]


@cache
def words(key: str, language: str) -> tuple[str, ...]:
    """Every wording of a key, plural forms and voices too; English where a language has none."""
    found: list[str] = []
    for variant in (key, f"{key}#neutral", f"{key}#self"):
        said = catalog(language).get(variant)
        found += list(said) if isinstance(said, tuple) else [said] if said else []
    return tuple(found) or words(key, "en")


@cache
def _patterns(language: str) -> list[tuple[str, re.Pattern[str]]]:
    keys = {f"ask.{name}": name for name in steps()} | OTHERS
    pairs = [(name, one) for key, name in keys.items() for one in words(key, language)]
    return [(name, _pattern(one)) for name, one in pairs]


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", plain(text))
    made, seen = "", set[str]()
    for number, part in enumerate(parts):
        if number % 2 == 0:
            made += re.escape(part)
        else:
            made += ALWAYS.get(part) or (f"(?P<{part}>.+?)" if part not in seen else ".+?")
            seen.add(part)
    return re.compile(made + (r"(?=$|\n)" if parts[-1] == "" else ""))


def plain(text: str) -> str:
    """A text without what only the layout needs."""
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.replace(ISOLATE, "").split("\n"))
    return "\n".join(lines)


def question(text: str, language: str) -> Asked | None:
    """The last question of a text."""
    found = [
        (hit.end(), hit.end() - hit.start(), name, hit)
        for name, pattern in _patterns(language)
        for hit in pattern.finditer(plain(text))
    ]
    if not found:
        return None
    *_, name, hit = max(found, key=lambda one: one[:2])
    return Asked(name, hit.groupdict())


def chosen(text: str, language: str) -> str:
    """What was chosen so far, where several may be, between commas: an option may hold one."""
    hits = [
        hit
        for one in words("choices.picked", language)
        for hit in _pattern(one).finditer(plain(text))
    ]
    return f", {hits[-1]['picked']}, " if hits else ""


@cache
def _documents(language: str) -> dict[str, str]:
    wording = Wording(ALWAYS)
    voices = [Voice(language), Voice(language, neutral=True), Voice(language, to_self=True)]
    return {
        plain(wording.text(f"doc.{name}", {}, voice)): name
        for name in documents()
        for voice in voices
    }


def document(title: str, language: str) -> str:
    """The checklist's id of a document by its words."""
    return _documents(language)[plain(title)]


def option(step: str, value: str, language: str) -> str:
    """The words of one choice."""
    return plain(Wording(ALWAYS).text(f"option.{step}.{value}", {}, Voice(language)))
