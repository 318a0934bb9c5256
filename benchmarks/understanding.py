"""How much is understood: per language and script, beside Rasa alone and the readers alone.

    python -m benchmarks.understanding [--misses] [--languages hi,ta]

The test set in benchmarks/understanding/ was written apart from the training data.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from bot.understand import guessed
from bot.understand_cli import UNCLEAR, Intent, meaning, shown, trained
from nlu import prepare

SET = Path(__file__).parent / "understanding"
TODAY = date(2026, 3, 5)
# Missing one of these, or taking something else for an answer of these kinds, does harm.
WANTED_MOST = {"emergency", "crisis", "stop", "human", "delete_data"}
EXACT = {"age", "date", "future_date", "cancer_type"}
YES_NO = {"yesno", "consent"}
Item = dict[str, Any]
System = Callable[[Item], Any]


@dataclass(frozen=True)
class Heard:
    """One item, what was made of it, and in how many milliseconds."""

    item: Item
    got: Any
    ms: float

    @property
    def right(self) -> bool:
        return bool(self.got == self.item["want"])

    @property
    def asked_again(self) -> bool:
        return bool(self.got == UNCLEAR and self.item["want"] != UNCLEAR)

    @property
    def harmful(self) -> bool:
        """An alarm or a wish to stop that was missed; a wrong value taken for sure."""
        if self.right:
            return False
        want, kind = self.item["want"], self.item["context"].partition(":")[0]
        if want["kind"] == "command" and want["value"] in WANTED_MOST:
            return True
        return kind in EXACT | YES_NO and bool(self.got["kind"] == "answer")


def main() -> None:
    """Run all three on the whole set, and print the table."""
    asked = arguments()
    items = list(load(asked.languages.split(",") if asked.languages else None))
    for language in {item["lang"] for item in items}:
        prepare(language)
    with trained() as intent:
        intent("hello", 0.0)
        heard = {name: run(items, system) for name, system in systems(intent).items()}
    print(table(heard))
    if asked.misses:
        print(*misses(heard["both"]), sep="\n")
    print(times(heard))
    print(last_line(heard["both"]))


def systems(intent: Intent) -> dict[str, System]:
    """The readers alone, Rasa alone, and both as in the chat."""
    return {
        "readers": lambda item: shown(meaning(item, TODAY)),
        "rasa": lambda item: shown(
            guessed(intent(item["text"], 0.0), records=item["context"] == "documents")
        ),
        "both": lambda item: shown(meaning(item, TODAY, intent)),
    }


def load(languages: Sequence[str] | None) -> Iterable[Item]:
    """The test set."""
    for file in sorted(SET.glob("*.jsonl")):
        if not languages or file.stem.partition("-")[0] in languages:
            yield from map(json.loads, file.read_text("utf-8").splitlines())


def run(items: Iterable[Item], system: System) -> list[Heard]:
    """Every item once."""
    found = []
    for item in items:
        begun = time.perf_counter()
        got = system(item)
        found.append(Heard(item, got, 1000 * (time.perf_counter() - begun)))
    return found


def group(heard: Iterable[Heard]) -> dict[tuple[str, str], list[Heard]]:
    """By language and script: native, or roman (with mixed)."""
    groups: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for each in heard:
        script = "native" if each.item["script"] == "native" else "roman"
        groups[each.item["lang"], script].append(each)
    return dict(sorted(groups.items()))


def accuracy(heard: Sequence[Heard]) -> float:
    """The share that is right."""
    return mean(each.right for each in heard)


def table(heard: dict[str, list[Heard]]) -> str:
    """A row for each language and script."""
    grouped = {name: group(each) for name, each in heard.items()}
    lines = [
        "| language | script | items | right | asked again | harmful | readers | Rasa alone |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key, both in grouped["both"].items():
        again, harm = sum(e.asked_again for e in both), sum(e.harmful for e in both)
        alone = [f"{accuracy(grouped[name][key]):.2f}" for name in ("readers", "rasa")]
        cells = [*key, len(both), f"{accuracy(both):.2f}", again, harm, *alone]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def misses(heard: Iterable[Heard]) -> Iterable[str]:
    """What was not understood, a line each; harmful ones are marked."""
    for each in heard:
        if not each.right:
            mark = "HARMFUL" if each.harmful else "again" if each.asked_again else "wrong"
            item = each.item
            yield "\t".join(
                [mark, item["id"], item["context"][:40], item["text"]]
                + [json.dumps(x, ensure_ascii=False) for x in (item["want"], each.got)]
            )


def times(heard: dict[str, list[Heard]]) -> str:
    """Half and nineteen in twenty are faster than this, by system."""
    parts = []
    for name, each in heard.items():
        steps = quantiles((one.ms for one in each), n=20)
        parts.append(f"{name} p50 {steps[9]:.2f} ms p95 {steps[18]:.2f} ms")
    return " · ".join(parts)


def last_line(heard: Iterable[Heard]) -> str:
    """The figures that count: the mean over languages, and harmful errors of all items."""
    groups = group(heard)
    macro = {
        script: mean(accuracy(each) for (_, found), each in groups.items() if found == script)
        for script in ("native", "roman")
    }
    everything = [one for each in groups.values() for one in each]
    harm = sum(one.harmful for one in everything)
    figures = f"native={macro['native']:.3f} roman={macro['roman']:.3f}"
    return f"{figures} harmful={harm}/{len(everything)}"


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list what was not understood")
    parser.add_argument("--languages", default="", help="only these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
