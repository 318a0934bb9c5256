"""The words: one gettext catalog per language, looked up by key, spoken in a voice."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.messages.pofile import read_po

from flows.effects import Day, Key, Line, UploadLink, Voice

FOLDER = Path(__file__).resolve().parents[1] / "locales"
# CLDR: zero is singular in these; Babel's table knows it for none of them.
SINGULAR_ZERO = ("hi", "bn", "gu", "kn", "pa", "as")
# First strong isolate and its end: keeps Latin names and numbers in order inside Urdu.
ISOLATE, END = "\u2068", "\u2069"


@cache
def catalog(language: str) -> Mapping[str, str | tuple[str, ...]]:
    """Key to text (or to the plural forms) of one language."""
    path = FOLDER / language / "LC_MESSAGES" / "saathi.po"
    with path.open("rb") as file:
        po = read_po(file, locale=language)
    found: dict[str, str | tuple[str, ...]] = {}
    for message in po:
        key, words = message.id, message.string
        if isinstance(key, tuple | list) and isinstance(words, tuple) and all(words):
            found[key[0]] = words
        elif isinstance(key, str) and isinstance(words, str) and key and words:
            found[key] = words
    return found


def english(key: str, **params: Any) -> str:
    """The English words of a key: what the doctors and the agents read."""
    return Wording({}).text(key, params, Voice("en"))


class Wording:
    """Turns keys into words; `always` are parameters that every text may use."""

    def __init__(self, always: Mapping[str, str]) -> None:
        self.always = dict(always)

    def line(self, line: Line, voice: Voice) -> str:
        """One paragraph."""
        return line.literal or self.text(line.key, line.params, voice)

    def text(self, key: str, params: Mapping[str, Any], voice: Voice) -> str:
        """The words of a key; English where a language has none yet."""
        found = self._find(key, voice)
        if isinstance(found, tuple):
            found = found[_plural(voice.language, int(params.get("count", 1)))]
        if "{" not in found:
            return found
        known = {name: self._shown(value, voice) for name, value in params.items()}
        return found.format_map({**self.always, **known})

    def _find(self, key: str, voice: Voice) -> str | tuple[str, ...]:
        variants = [key + "#neutral"] if voice.neutral else []
        variants += [key + "#self"] if voice.to_self else []
        for language in (voice.language, "en"):
            words = catalog(language)
            for variant in (*variants, key):
                if variant in words:
                    return words[variant]
        raise KeyError(key)

    def _shown(self, value: Any, voice: Voice) -> str:
        match value:
            case Key(key, params):
                return self.text(key, params, voice)
            case list() | tuple():
                return ", ".join(self._shown(part, voice) for part in value)
            case Day(iso):
                return shown_date(iso, voice.language)
            case UploadLink(address=address):
                # Never isolated: the sign after it would become part of the address.
                return address or "…"
        text = str(value)
        return f"{ISOLATE}{text}{END}" if voice.language == "ur" else text


def shown_date(iso: str, language: str) -> str:
    """A whole or partial ISO date in words, in ASCII digits."""
    if len(iso) == 4:
        return iso
    day = date.fromisoformat(iso if len(iso) > 7 else iso + "-01")
    if len(iso) == 7:
        return str(format_skeleton("yMMMM", day, locale=language))
    return str(format_date(day, "d MMMM y", locale=language))


def _plural(language: str, count: int) -> int:
    if language in SINGULAR_ZERO:
        return int(count > 1)
    return int(count != 1)
