"""Invented reports: who, when, where, and what the paper says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.picture_set import dates
from benchmarks.picture_set.data import draw, fill, load, placeholders, spin

BREAK_TAKEN = 0.33
ENGLISH = 0.55
NATIVE_NAME, NATIVE_DIGITS = 0.45, 0.3


@dataclass(frozen=True)
class Person:
    """The patient as labelled (name, no title) and as printed."""

    name: str
    printed: str
    native: str
    age: int
    age_printed: str
    sex: str
    number: str


@dataclass(frozen=True)
class Block:
    """A piece of a paper that is never torn between two pages."""

    heading: str = ""
    text: str = ""
    fields: Mapping[str, str] | None = None
    table: Mapping[str, Any] | None = None
    items: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()
    new_page: bool = False


@dataclass(frozen=True, eq=False)
class Report:
    """One invented paper."""

    id: str
    kind: str
    split: str
    title: str
    layout: str
    person: Person
    hospital: Mapping[str, str]
    doctor: str
    day: date
    day_printed: str
    received: str
    blocks: tuple[Block, ...]
    facts: Mapping[str, str]


def a_person(case: Mapping[str, Any], lang: str, rng: Random) -> Person:
    """Somebody whom the case may befall."""
    people = load("people")
    sex = rng.choice("FM") if case["sex"] == "any" else case["sex"]
    names = people["names"][lang if lang != "en" else rng.choice(list(people["names"]))]
    (first, first_native), (last, last_native) = rng.choice(names[sex]), rng.choice(names["last"])
    name, age = f"{first} {last}", rng.randint(*case["ages"])
    shown = rng.choice(people["titles"][sex]) + name
    native = f"{first_native} {last_native}" if rng.random() < NATIVE_NAME else ""
    number = f"{rng.choice(['UHID', 'MR', 'OP', 'LAB'])}-{rng.randint(10000, 999999)}"
    ages = dates.age_text(age, sex, rng)
    return Person(name, rng.choice([shown, shown.upper()]), native, age, ages, sex, number)


def a_hospital(split: str, rng: Random) -> Mapping[str, str]:
    """An invented hospital; no hospital of the tuning part is in the held-back part."""
    english = rng.random() < ENGLISH
    known = [one for one in load("people")["hospitals"] if one["split"] == split]
    chosen: Mapping[str, str] = rng.choice([h for h in known if (h["lang"] == "en") == english])
    return chosen


def values_for(kind: Mapping[str, Any], case: Mapping[str, Any], rng: Random) -> dict[str, str]:
    """Every value a text of this kind may ask for."""
    sources = load("reports")["values"] | dict(case) | kind.get("values", {})
    values = {name: draw(value, rng) for name, value in sources.items()}
    return values | {"drug": rng.choice(case["drugs"]), "doctor": a_doctor(rng)}


def a_doctor(rng: Random) -> str:
    """An invented doctor."""
    return str(rng.choice(load("people")["doctors"]))


def day_values(day: date, pattern: str, digits: str, rng: Random) -> dict[str, str]:
    """The dates a text may speak of, in the paper's own format."""
    back = {"day": 0, "received": rng.randint(1, 3), "before": rng.randint(6, 12)}
    back["long_before"] = back["before"] + rng.randint(60, 300)
    return {k: dates.written(day - timedelta(days=n), pattern, digits) for k, n in back.items()}


def blocks_for(body: list[Any], values: Mapping[str, str], rng: Random) -> tuple[Block, ...]:
    """The blocks of a paper with wordings chosen and values put in."""
    made, broken = list[Block](), False
    for raw in body:
        if "break" in raw:
            broken = rng.random() < BREAK_TAKEN
            continue
        spun = spin(raw, rng)
        filled = fill(spun, values)
        made.append(Block(**filled, facts=placeholders(spun), new_page=broken))
        broken = False
    return tuple(made)


def paper_days(day: date, lang: str, rng: Random) -> dict[str, str]:
    """The dates of one paper, sometimes in native digits."""
    native = load("people")["digits"].get(lang, "") if rng.random() < NATIVE_DIGITS else ""
    pattern = rng.choice(dates.FORMATS[: dates.NUMERIC] if native else dates.FORMATS)
    return day_values(day, pattern, native, rng)


def facts_of(blocks: tuple[Block, ...], values: Mapping[str, str]) -> dict[str, str]:
    """The labelled facts that the blocks state."""
    stated = {name for block in blocks for name in block.facts}
    return {name: values[name] for name in sorted(stated) if name in load("reports")["facts"]}


def a_report(number: int, kind: str, split: str, rng: Random) -> Report:
    """One invented report of a kind."""
    plan, hospital, day = load("reports")["kinds"][kind], a_hospital(split, rng), dates.a_day(rng)
    case, lang = load("reports")["cases"][rng.choice(plan["for"])], hospital["lang"]
    days, words = paper_days(day, lang, rng), load("people")["words"][lang]
    local = {name: rng.choice(words[name]) for name in ("note", "advice")}
    values = values_for(plan, case, rng) | days | local
    blocks = blocks_for(plan["body"], values, rng)
    title, layout = rng.choice(plan["titles"]), rng.choice(plan["layouts"])
    who, facts = a_person(case, lang, rng), facts_of(blocks, values)
    printed = (values["doctor"], day, days["day"], days["received"])
    return Report(
        f"r{number:03}", kind, split, title, layout, who, hospital, *printed, blocks, facts
    )
