"""How well pages are read: kind, name, date and facts over a labelled set of pictures.

    python -m benchmarks.records_reading FOLDER [--engine rapid|tesseract] [--split held] [--misses]

FOLDER is made by tools.picture_set. What an engine read is kept under .build/reading, so that
only the first run is slow. Pictures with a defect are left out: they would be asked for again.
"""

import argparse
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bot.reading.choose import choose
from bot.reading.read import read
from nlu.report.facts import bare, facts_of
from nlu.report.kind import kind_of
from nlu.report.number import number_of
from nlu.report.page import PageText
from nlu.report.same import same_person
from nlu.report.when import date_of
from nlu.report.who import patient_of

KEPT = Path(__file__).parents[1] / ".build" / "reading"
TITLES = re.compile(r"^(?:mr|mrs|ms|smt|shri|sri|kum)\b\.?", re.IGNORECASE)
# The set's papers are of 2025 and 2026.
TODAY = date(2026, 12, 31)
SUGGESTED = 0.85
Label = dict[str, Any]


class Kept(msgspec.Struct):
    """What an engine read on one picture, in how many seconds."""

    page: PageText
    seconds: float


def main() -> None:
    """Print the figures of a folder, and what was missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--engine", default="rapid", choices=("rapid", "tesseract"))
    asked.add_argument("--split", default="held", choices=("held", "tune"))
    asked.add_argument("--misses", action="store_true")
    given = asked.parse_args()
    print(json.dumps(reading_figures(given.folder, given.engine, given.split), indent=1))
    if given.misses:
        for label, kept in _read_all(given.folder, given.engine, given.split):
            print(*_missed(label, kept.page), sep="\n", end="")


def reading_figures(folder: Path, engine: str = "rapid", split: str = "held") -> dict[str, Any]:
    """Shares of 1 and counts, seconds a page, and megabytes where pages were read just now."""
    done = list(_read_all(folder, engine, split))
    first = [(label, kept.page) for label, kept in done if label["page"] == 1]
    every = [(label, kept.page) for label, kept in done]
    named = [(label, page) for label, page in every if label["named_here"]]
    seconds = sorted(kept.seconds for _, kept in done)
    return {
        "engine": engine, "split": split, "pages": len(every), "first_pages": len(first),
        "kind_first_pages": _share(_kind_right(each) for each in first),
        "kind_all_pages": _share(_kind_right(each) for each in every),
        "kind_suggested": _suggested(every),
        "name": _share(_name(each) == "right" for each in named),
        "name_wrong": sum(_name(each) == "wrong" for each in every),
        "same_person": dict(Counter(_same(each) for each in named)),
        "date": _share(_date(each) == "right" for each in named),
        "date_wrong": sum(_date(each) == "wrong" for each in every),
        "page_number": _share(_numbered(each) for each in every),
        "turn": _share(page.turn == label["effects"].get("turn", 0) for label, page in every),
        "facts": _facts(every, _units(folder)),
        "seconds_median": round(median(seconds), 2), "seconds_most": round(seconds[-1], 2),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _units(folder: Path) -> set[str]:
    return set(json.loads((folder / "labels.json").read_text())["units"])


def _labels(folder: Path, split: str) -> Iterator[Label]:
    pictures = json.loads((folder / "labels.json").read_text())["pictures"]
    return (each for each in pictures if each["split"] == split and each["defect"] == "none")


def _read_all(folder: Path, engine: str, split: str) -> Iterator[tuple[Label, Kept]]:
    reads = choose(engine)  # type: ignore[arg-type]
    for label in _labels(folder, split):
        data = (folder / label["file"]).read_bytes()
        place = KEPT / engine / f"{sha256(data).hexdigest()[:24]}.json"
        if not place.exists():
            began = time.perf_counter()
            page = read(data, "image/jpeg", reads).pages[0]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(msgspec.json.encode(Kept(page, time.perf_counter() - began)))
        yield label, msgspec.json.decode(place.read_bytes(), type=Kept)


Each = tuple[Label, PageText]


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return round(sum(answers) / len(answers), 3) if answers else 0.0


def _kind_right(each: Each) -> bool:
    label, page = each
    return kind_of([page]).kind == str(label["type"])


def _suggested(every: Iterable[Each]) -> dict[str, float]:
    """Of guesses sure enough to be suggested: how many, and how many of those are right."""
    told = [each for each in every if kind_of([each[1]]).sure >= SUGGESTED]
    return {"pages": len(told), "right": _share(_kind_right(each) for each in told)}


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", TITLES.sub("", name.strip()).casefold())


def _verdict(got: str, want: str) -> str:
    if got == want:
        return "right" if want else "none"
    return "wrong" if got else "missed"


def _name(each: Each) -> str:
    label, page = each
    want = label["patient_printed"] if label["named_here"] else ""
    return _verdict(_letters(patient_of([page])), _letters(want))


def _same(each: Each) -> str:
    label, page = each
    return same_person(patient_of([page]), label["patient"])


def _date(each: Each) -> str:
    label, page = each
    return _verdict(date_of([page], TODAY), label["date"] if label["named_here"] else "")


def _numbered(each: Each) -> bool:
    label, page = each
    return number_of(page) == (label["page"], label["pages"])


def _facts(every: Iterable[Each], units: set[str]) -> dict[str, float]:
    """Recall and precision over the names that the set labels; a value must be the whole."""
    want, got, both = 0, 0, 0
    for label, page in every:
        told, labelled = _told(page, units), _labelled(label)
        want, got, both = want + len(labelled), got + len(told), both + len(told & labelled)
    return {"recall": round(both / max(want, 1), 3), "precision": round(both / max(got, 1), 3)}


def _told(page: PageText, units: set[str]) -> set[tuple[str, str]]:
    return {(each.name, bare(each.value)) for each in facts_of([page]) if each.name in units}


def _labelled(label: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, bare(value)) for name, value in label["facts"].items()}


def _missed(label: Label, page: PageText) -> Iterator[str]:
    """One line for everything that was not as labelled."""
    shown = f"{label['file']} {label['type']} {label['layout']} {label['language']}"
    if not _kind_right((label, page)):
        yield f"{shown}: kind {kind_of([page])}"
    for what, verdict in (("name", _name((label, page))), ("date", _date((label, page)))):
        if verdict in ("wrong", "missed"):
            yield f"{shown}: {what} {verdict}"
    labelled, told = _labelled(label), _told(page, {name for name, _ in _labelled(label)})
    for fact in sorted(labelled ^ told):
        yield f"{shown}: fact {'missed' if fact in labelled else 'wrong'} {fact}"
    yield ""


if __name__ == "__main__":
    main()
