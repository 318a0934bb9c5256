"""The word lists: read once, in one shape, whatever file they come from."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu.normalise import normalise

HERE = Path(__file__).parent
Words = dict[str, dict[str, tuple[str, ...]]]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(name: str) -> Any:
    """A data file of this package."""
    return yaml.load((HERE / name).read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506


# Each language's names, script and digits; nothing else lists them.
KNOWN: dict[str, dict[str, str]] = load("lexicon.yml")["languages"]
LANGUAGES = tuple(KNOWN)


def _listed(entry: Any) -> list[str]:
    if isinstance(entry, dict):
        entry = entry["w"]
    if isinstance(entry, str):
        entry = entry.split("|")
    return [word for word in (normalise(str(part)) for part in entry) if word]


@cache
def _files() -> tuple[dict[str, Any], ...]:
    words = sorted(path.name for path in (HERE / "words").glob("*.yml"))
    return (load("lexicon.yml")["terms"], *(load(f"words/{name}") for name in words))


@cache
def section(name: str) -> Words:
    """Every key of a section with its normalised words by language."""
    merged: dict[str, dict[str, list[str]]] = {}
    for file in _files():
        for key, languages in file.get(name, {}).items():
            for language, entry in languages.items():
                merged.setdefault(str(key), {}).setdefault(language, []).extend(_listed(entry))
    return {
        key: {language: tuple(dict.fromkeys(words)) for language, words in languages.items()}
        for key, languages in merged.items()
    }


@cache
def spoken(name: str, key: str = "word") -> frozenset[str]:
    """The words of one key of a section, of all languages together."""
    return frozenset(word for words in section(name)[key].values() for word in words)


@cache
def sections() -> dict[str, Words]:
    """Every section by name."""
    names = dict.fromkeys(name for file in _files() for name in file)
    return {name: section(name) for name in names}


# Languages of one script, whose speakers know each other's words.
NEIGHBOURS = {"mr": "hi", "hi": "mr", "as": "bn", "bn": "as"}


def order(lang: str) -> tuple[str, ...]:
    """Which lists count, the first most: its own, romanised, English, its neighbour's, Hindi.

    Latin letters of one language mean other things in another, so only these are read.
    """
    beside = [NEIGHBOURS[lang]] if lang in NEIGHBOURS else []
    listed = (lang, f"rom_{lang}", "rom", "en", *beside, "hi", "rom_hi", "rom_ur")
    return tuple(dict.fromkeys(listed))


def entries(name: str, lang: str) -> Iterator[tuple[str, str]]:
    """(phrase, key) of a section, in the order in which languages count."""
    for language in order(lang):
        for key, languages in section(name).items():
            for phrase in languages.get(language, ()):
                yield phrase, key
