"""What the labels promise about the pictures."""

import io
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import records, records_reading
from benchmarks.picture_set import make, photograph, render
from benchmarks.picture_set.data import load, spin
from benchmarks.picture_set.defects import DEFECTS, a_shot
from benchmarks.picture_set.fonts import runs
from benchmarks.picture_set.reports import a_report
from benchmarks.picture_set.sheets import MOST_PAGES
from nlu.report.page import PageText

pytestmark = pytest.mark.slow
KINDS = list(load("reports")["kinds"])


def one_page(kind: str) -> list[render.Page]:
    rng = Random(kind)
    return render.pages(a_report(1, kind, "tune", rng), rng)[:1]


def joined(text: Any) -> str:
    return "".join("".join(text).split())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_labelled_is_printed(kind: str) -> None:
    rng = Random(kind)
    report = a_report(1, kind, "held", rng)
    pages = render.pages(report, rng)
    assert len(pages) <= MOST_PAGES
    assert joined(report.person.printed) in joined(pages[0].lines)
    assert joined(report.day_printed) in joined(pages[0].lines)
    for page in pages:
        assert all(joined(value) in joined(page.lines) for value in page.facts.values())
        assert any("FICTIONAL" in line for line in page.lines)


def test_kinds_are_document_types_with_facts() -> None:
    assert len(KINDS) >= 12
    assert "her2" in a_report(1, "ihc_report", "tune", Random(1)).facts


def test_no_report_and_no_hospital_is_in_both_parts() -> None:
    jobs = make.jobs(360, 7)
    parts = {s: {j.report.id for j in jobs if j.split == s} for s in make.SPLITS}
    heads = {s: {j.report.hospital["name"] for j in jobs if j.split == s} for s in make.SPLITS}
    assert not parts["tune"] & parts["held"]
    assert not heads["tune"] & heads["held"]
    assert {j.report.kind for j in jobs if j.split == "held"} == set(KINDS)


def test_defects_are_spread_evenly() -> None:
    found = make.defects(360)
    counts = [found.count(defect) for defect in DEFECTS]
    assert found.count("none") == 162
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("nth", range(6))
def test_a_good_picture_shows_all_text_large_enough(nth: int) -> None:
    rng = Random(nth)
    photo = photograph.take(one_page("ct_report"), a_shot("none", nth, rng), rng)
    assert photo.lost == 0
    assert photo.em > 10


@pytest.mark.parametrize("nth", range(4))
def test_cut_off_loses_what_it_says(nth: int) -> None:
    rng = Random(nth)
    shot = a_shot("cut_off", nth, rng)
    photo = photograph.take(one_page("ihc_report"), shot, rng)
    assert photo.lost == pytest.approx(shot.strength, abs=0.03)


def test_too_small_is_too_small() -> None:
    rng = Random(3)
    photo = photograph.take(one_page("biopsy_report"), a_shot("too_small", 0, rng), rng)
    assert photo.em < 6


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_labelled_corners_are_on_the_paper(turn: int) -> None:
    rng = Random(5)
    shot = replace(a_shot("none", 0, rng), ground="wood", exposure=1.0, shadow=0.0, tight=False)
    photo = photograph.take(one_page("mammogram"), replace(shot, turn=turn, exif=False), rng)
    grey = np.asarray(Image.open(io.BytesIO(photo.jpeg)).convert("L"), float)
    corners = np.array(photo.corners)
    for x, y in (corners * 0.97 + corners.mean(0) * 0.03).astype(int):
        assert grey[y, x] > 140


def test_the_same_seed_gives_the_same_set(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make.write_set(tmp_path / name, 5, 11, 1)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 6
    assert all(
        (tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in files
    )


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of a few pictures."""
    folder = tmp_path_factory.mktemp("some")
    make.write_set(folder, 12, 2, 1)
    return folder


def test_labels(some: Path) -> None:
    labels = json.loads((some / "labels.json").read_text(encoding="utf-8"))
    for one in labels["pictures"]:
        image = Image.open(io.BytesIO((some / one["file"]).read_bytes()))
        assert sorted(image.size) == sorted(one["size"])
        assert (one["report"] is None) == (one["defect"] == "not_a_document")
        assert one["defect"] not in one["effects"]


class Blind:
    """An engine that finds no line."""

    def read(self, _: Image.Image) -> PageText:
        return PageText()


def test_what_is_measured_on_it_is_told(
    some: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records_reading, "KEPT", tmp_path)
    monkeypatch.setattr(records_reading, "choose", lambda _: Blind())
    assert records.reading(some) == {"type": "0.00"}
    assert records.verdicts(some).keys() == {"caught", "false"}
    assert "held all bad: ours" in capsys.readouterr().out


def test_wordings_and_scripts() -> None:
    assert spin(["[Lump|Growth] in {site}"], Random(1))[0] in ("Lump in {site}", "Growth in {site}")
    assert [script for script, _ in runs("आयु / लिंग / Age")] == [
        "devanagari", "latin", "devanagari", "latin",
    ]  # fmt: skip
