"""The labelled set: which pictures, and their files."""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.picture_set import photograph, render, shots
from benchmarks.picture_set.data import load
from benchmarks.picture_set.defects import DEFECTS, a_shot
from benchmarks.picture_set.reports import Report, a_report

GOOD, HELD, REPORTS, LEAST = 0.45, 0.3, 0.4, 4
SPLITS = ("tune", "held")


@dataclass(frozen=True)
class Job:
    """One picture to make."""

    file: str
    seed: int
    defect: str
    split: str
    report: Report
    other: Report
    nth: int


def all_reports(count: int, seed: int) -> dict[str, list[Report]]:
    """Invented reports, as many of each kind; of each some are held back."""
    kinds, found = list(load("reports")["kinds"]), dict[str, list[Report]](tune=[], held=[])
    of_each = max(LEAST, round(count * REPORTS / len(kinds)))
    for number in range(of_each * len(kinds)):
        kind, split = kinds[number // of_each], SPLITS[is_held(number)]
        found[split].append(a_report(number, kind, split, Random(f"{seed}/report/{number}")))
    return found


def is_held(number: int) -> bool:
    """Three of ten, evenly."""
    return int((number + 1) * HELD) > int(number * HELD)


def defects(count: int) -> list[str]:
    """The defect of each picture: the good ones, then the rest spread evenly."""
    good = round(count * GOOD)
    return ["none"] * good + list(islice(cycle(DEFECTS), count - good))


def jobs(count: int, seed: int) -> list[Job]:
    """All pictures, every report of a part used before one is used again."""
    rng, known = Random(f"{seed}/jobs"), all_reports(count, seed)
    names, made = [f"p{number:04}.jpg" for number in range(1, count + 1)], list[Job]()
    rng.shuffle(names)
    queues = {split: endless(known[split], rng) for split in SPLITS}
    for at, (defect, name) in enumerate(zip(sorted(defects(count)), names, strict=True)):
        split = SPLITS[is_held(at)]
        report, other = next(queues[split]), rng.choice(known[split])
        made.append(Job(name, seed, defect, split, report, other, at))
    return sorted(made, key=lambda job: job.report.id)


def endless(known: list[Report], rng: Random) -> Iterator[Report]:
    """The reports in a new random order each time round."""
    while True:
        yield from rng.sample(known, len(known))


@lru_cache(maxsize=12)
def pages(report: Report, seed: int) -> list[render.Page]:
    """A report's pages, drawn once."""
    return render.pages(report, Random(f"{seed}/pages/{report.id}"))


def make(job: Job, out: Path) -> dict[str, Any]:
    """Take one picture, write it and say what it is."""
    rng = Random(f"{job.seed}/{job.file}")
    shot, page = a_shot(job.defect, job.nth, rng), rng.choice(pages(job.report, job.seed))
    below = [rng.choice(pages(job.other, job.seed))] if job.defect == "two_pages" else []
    photo = photograph.take([*below, page], shot, rng)
    (out / job.file).write_bytes(photo.jpeg)
    of_page = {} if job.defect == "not_a_document" else of_paper(job.report, page)
    return of_picture(job, shot, photo) | of_page


def of_picture(job: Job, shot: shots.Shot, photo: photograph.Photo) -> dict[str, Any]:
    """Labels of the picture itself."""
    return {
        "file": job.file,
        "split": job.split,
        "defect": shot.defect,
        "how": shot.how,
        "strength": round(shot.strength, 3),
        "effects": shots.effects(shot),
        "size": photo.size,
        "corners": photo.corners,
        "em_px": photo.em,
        "lost": photo.lost,
        "report": None,
    }


def of_paper(report: Report, page: render.Page) -> dict[str, Any]:
    """Labels of the page that is in the picture."""
    person = report.person
    return {
        "report": report.id,
        "type": report.kind,
        "patient": person.name,
        "patient_printed": person.printed,
        "patient_native": person.native,
        "named_here": page.named,
        "date": report.day.isoformat(),
        "date_printed": report.day_printed,
        "page": page.number,
        "pages": page.count,
        "facts": page.facts,
        "hospital": report.hospital["name"],
        "language": report.hospital["lang"],
        "layout": report.layout,
        "text": page.lines,
    }


def write_set(out: Path, count: int, seed: int, processes: int) -> None:
    """All pictures and labels.json."""
    out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        made = list(pool.map(partial(make, out=out), jobs(count, seed), chunksize=8))
    made.sort(key=lambda one: str(one["file"]))
    labels = {"count": count, "seed": seed, "units": load("reports")["facts"], "pictures": made}
    text = json.dumps(labels, ensure_ascii=False, indent=1)
    (out / "labels.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Read the command line and make the set."""
    parser = argparse.ArgumentParser("picture_set", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, value in (("count", 360), ("seed", 7), ("processes", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    write_set(args.out, args.count, args.seed, args.processes)
