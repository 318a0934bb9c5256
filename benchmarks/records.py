"""What the checking of records is worth, on a labelled set that is made again by this command.

    python -m benchmarks.records [--only verdicts,reading,waits,big] [--seed 7] [--count 1000]

Verdicts stand beside what one would use otherwise: OpenCV's variance of the Laplacian over
the whole picture, its threshold set on the part of the set that ours were set on. The other
part was held back from both.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.picture_set.make import write_set
from benchmarks.records_verdict import figures, verdict_seconds
from bot.inspect_file import inspect

BUILD = Path(__file__).parents[1] / ".build" / "records"
PARTS = ("verdicts", "reading", "waits", "big")
SPLITS = ("tune", "held")
# Nobody is to be asked for a good page again more often than this.
FALSE = 0.05
# The reasons that name a defect rightly.
NAMES = {
    "blur": ("blurred",), "motion": ("shaken", "blurred"), "dark": ("dark",),
    "glare": ("glare",), "too_small": ("small",), "two_pages": ("two_pages",),
    "not_a_document": ("not_a_document", "empty"), "cut_off": ("cut_off",),
}  # fmt: skip
Picture = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """One picture: ours, and the sharpness that the plain way goes by."""

    split: str
    defect: str
    reason: str
    laplacian: float

    @property
    def bad(self) -> bool:
        return self.defect != "none"


def main() -> None:
    """Measure what is asked for; the last line is the whole of it."""
    parser = argparse.ArgumentParser("benchmarks.records", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=1000)
    args = parser.parse_args()
    folder, told = the_set(args.seed, args.count), dict[str, str]()
    for part in args.only.split(","):
        told |= MEASURES[part](folder)
    print(" ".join(f"{name}={value}" for name, value in told.items()))


def the_set(seed: int, count: int) -> Path:
    """The folder of the set; made if it is not there."""
    folder = BUILD / f"{seed}-{count}"
    if not (folder / "labels.json").exists():
        print(f"making {count} pictures in {folder.name}: some minutes …", flush=True)
        write_set(folder, count, seed, 2)
    return folder


def pictures(folder: Path) -> list[Picture]:
    """The labels of all pictures."""
    return list(json.loads((folder / "labels.json").read_text(encoding="utf-8"))["pictures"])


def verdicts(folder: Path) -> dict[str, str]:
    """How many bad pictures are caught, how many good ones asked for again."""
    with Pool(2) as pool:
        judged = pool.map(partial(_judged, folder), pictures(folder), chunksize=8)
    parts = {split: [one for one in judged if one.split == split] for split in SPLITS}
    limit = plain_limit(parts["tune"])
    print(f"{'':16}{'pictures':>9}{'caught':>8}{'named':>8}{'plain way':>11}")
    for split, part in parts.items():
        _table(split, part, limit)
    held = parts["held"]
    return {"caught": _share(_caught(held)), "false": _share(_refused(held))}


def _judged(folder: Path, picture: Picture) -> Judged:
    data = (folder / picture["file"]).read_bytes()
    found = inspect(data, "image/jpeg", 0)
    reason = found.reason if found.verdict in ("retake", "refused") else ""
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    plain = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    return Judged(picture["split"], picture["defect"], reason, plain)


def plain_limit(tune: Sequence[Judged]) -> float:
    """The Laplacian below which at most 5 % of the good pictures lie."""
    return float(np.quantile([one.laplacian for one in tune if not one.bad], FALSE))


def _table(split: str, part: Sequence[Judged], limit: float) -> None:
    by_defect = defaultdict[str, list[Judged]](list)
    for one in part:
        by_defect[one.defect].append(one)
    for defect, ones in sorted(by_defect.items(), key=lambda pair: pair[0] != "none"):
        name = f"{split} {'good' if defect == 'none' else defect}"
        caught = [bool(one.reason) for one in ones]
        named = [_named(one) for one in ones if one.reason]
        plain = [one.laplacian < limit for one in ones]
        row = f"{len(ones):>9}{_share(caught):>8}{_share(named) if defect != 'none' else '':>8}"
        print(f"{name:<22}{row[6:]}{_share(plain):>11}")
    whole = [one for one in part if one.bad]
    plain = [one.laplacian < limit for one in whole]
    print(f"{split} all bad: ours {_share(_caught(part))}, the plain way {_share(plain)};", end=" ")
    print(f"good ones asked for again: {_share(_refused(part))}")


def _named(one: Judged) -> bool:
    return one.reason.startswith(NAMES.get(one.defect, ("",)))


def _caught(part: Iterable[Judged]) -> list[bool]:
    return [bool(one.reason) for one in part if one.bad]


def _refused(part: Iterable[Judged]) -> list[bool]:
    return [bool(one.reason) for one in part if not one.bad]


def _share(ones: Sequence[bool]) -> str:
    return f"{sum(ones) / len(ones):.2f}" if ones else "-"


def waits(folder: Path) -> dict[str, str]:
    """How long twenty people at once wait for the verdict on a photo of 12 megapixels."""
    good = [folder / one["file"] for one in pictures(folder) if one["defect"] == "none"]
    each = verdict_seconds(good[:10])
    here = figures([wait.bytes_here for wait in each])
    whole = figures([wait.webhook for wait in each])
    print("verdict on 12 megapixels, 20 chats at once, seconds to the reply:", end=" ")
    print(f"since the bytes are here p50 {here['p50']:.1f}, p95 {here['p95']:.1f};", end=" ")
    print(f"since the webhook p50 {whole['p50']:.1f}, p95 {whole['p95']:.1f}")
    return {"verdict_p95_s": f"{here['p95']:.1f}"}


def reading(folder: Path) -> dict[str, str]:
    """Which document, whose name, which date; seconds and memory for a page."""
    from benchmarks.records_reading import reading_figures

    found = reading_figures(folder)
    for name, value in found.items():
        print(f"reading: {name} {value}")
    return {"type": f"{found['kind_all_pages']:.2f}"}


def big(_: Path) -> dict[str, str]:
    """Memory for large files, and uploads that were cut."""
    from benchmarks.records_big import big_figures

    for name, value in big_figures().items():
        print(f"big files: {name} {value}")
    return {}


MEASURES = {"verdicts": verdicts, "reading": reading, "waits": waits, "big": big}

if __name__ == "__main__":
    main()
