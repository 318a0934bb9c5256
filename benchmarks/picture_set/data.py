"""The data files, and words with alternatives: "[Lump|Growth] in {site}"."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")


@cache
def load(name: str) -> dict[str, Any]:
    """One data file of this package."""
    text = (Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def spin(node: Any, rng: Random) -> Any:
    """The same nest of lists and dicts with one wording chosen in each string."""
    if isinstance(node, str):
        return ALTERNATIVES.sub(lambda found: rng.choice(found[1].split("|")), node)
    if isinstance(node, list):
        return [spin(part, rng) for part in node]
    if isinstance(node, dict):
        return {spin(key, rng): spin(part, rng) for key, part in node.items()}
    return node


def fill(node: Any, values: Mapping[str, str]) -> Any:
    """The same nest with the values put in."""
    if isinstance(node, str):
        return node.format_map(values)
    if isinstance(node, list):
        return [fill(part, values) for part in node]
    if isinstance(node, dict):
        return {key: fill(part, values) for key, part in node.items()}
    return node


def placeholders(node: Any) -> frozenset[str]:
    """Names of the values a nest asks for."""
    return frozenset(re.findall(r"\{(\w+)\}", repr(node)))


def draw(value: Any, rng: Random) -> str:
    """One value of a list, of a range, or the value itself."""
    if isinstance(value, list):
        return str(rng.choice(value))
    if not isinstance(value, dict):
        return str(value)
    low, high, places = value["range"]
    return f"{rng.uniform(low, high):.{places}f}{value.get('after', '')}"
