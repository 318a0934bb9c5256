"""Both fictional cases as the experts get them: really read, bound, with the values beside."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.reading.choose import choose
from bot.reading.read import read
from bot.review.binding.case import bind_case
from bot.review.derived import Derived
from bot.review.fhir import bundle
from bot.review.validity import problems
from flows.conversation import Case
from tests import files
from tests.bot.binding.bench import NOON, Bench, pictures, texts
from tests.cases import load_case, story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

VERDICTS = ("ok", "warn", "accepted_with_flag")
# Checklist id, fact, value, unit.
FACTS = {
    "breast": {
        ("biopsy_report", "grade", "grade 2", ""),
        ("ihc_report", "ki67", "18%", ""),
        ("blood_tests", "haemoglobin", "11.2", "g/dL"),
        ("blood_tests", "creatinine", "0.8", "mg/dL"),
    },
    "prostate": {
        ("psa_report", "psa", "8.4", "ng/mL"),
        ("oncologist_note", "psa", "9.1", "ng/mL"),
        ("blood_tests", "haemoglobin", "11.2", "g/dL"),
    },
}
UNREAD = {"breast": [], "prostate": [10]}
PAGES = {"breast": 8, "prostate": 11}


async def arrived(bench: Bench, name: str) -> Case:
    """The case with every paper that was kept, each read by a real engine."""
    engine = choose("rapid")
    bench.case = replace(load_case(name)[1], papers={})
    for row in story(name)["uploads"]:
        if row["result"] in VERDICTS:
            _, mime, data = files.upload(row)
            await bench.put(
                row["doc"],
                data,
                mime,
                text=read(data, mime, engine),
                dated=row["report_date"],
                verdict=row["result"],
                pages=2 if row["form"] == "pdf" else 1,
            )
    return bench.case


def days(name: str) -> list[str]:
    """The dates of the papers as the index shows them."""
    kept = [row for row in story(name)["uploads"] if row["result"] in VERDICTS]
    return [f"{date.fromisoformat(row['report_date']):%d %b %Y}" for row in kept]


async def facts_of(bench: Bench, made: dict[str, Derived]) -> list[dict[str, Any]]:
    return list(json.loads(await bench.data(made["facts"]))["facts"])


@pytest.mark.parametrize("name", FACTS)
async def test_a_whole_case(name: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    case = await arrived(bench, name)
    found = await bind_case(bench, case)
    made = {one.role: one for one in found}
    assert problems(bundle(load_case(name)[0], case, NOON, made=found)) == []

    dossier = await bench.data(made["dossier"])
    pages = texts(dossier)
    assert len(pages) == 1 + PAGES[name]
    index = " ".join(pages[0].split())
    assert all(day in index for day in days(name))
    assert "took it for" not in index
    # Every page can be searched but the prescription that nobody can read.
    unread = [n for n, page in enumerate(pages[1:]) if "received in 10% formalin" not in page]
    assert unread == UNREAD[name]
    # Three lines of print have more ink than this.
    assert min(sum(page.histogram()[:215]) for page in pictures(dossier)) > 1500

    values = await facts_of(bench, made)
    told = {(one["document"], one["name"], one["value"], one["unit"]) for one in values}
    assert FACTS[name] <= told
    summary = " ".join(" ".join(texts(await bench.data(made["summary"]))).split())
    for one in values:
        assert f"{one['label']}" in summary
        assert one["value"] in summary
        assert one["box"][1] < one["box"][3]
