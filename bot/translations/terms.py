"""Whether a catalog keeps to its glossary: one word for one thing."""

import re
from collections.abc import Iterator
from functools import cache

from bot.translations import catalogs

# Things that people meet again and again. Verbs change too much to be looked for.
KEPT = frozenset(
    "age allergy biopsy button district doctor emergency fee hospital illness medicine menu opinion"
    " patient photo question scan stage state language permission guardian team".split()
)
# An ending may change so many of a word's last letters, and so many must stay.
ENDING, STEM = 2, 3


@cache
def _terms(language: str) -> tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]:
    """(English term, where it stands in English, the stems of its words) of a glossary."""
    return tuple(
        (each, re.compile(rf"\b{each}(?:s|es)?\b", re.IGNORECASE), _stems(words))
        for term, words in catalogs.glossary(language).items()
        for each in sorted({part.strip() for part in term.split("/")} & KEPT)
    )


def _stems(words: str) -> tuple[str, ...]:
    listed = re.split(r"\s*[/,]\s*", words)
    return tuple(word[: max(STEM, len(word) - ENDING)].casefold() for word in listed if word)


def strayed(source: str, form: str, language: str) -> Iterator[str]:
    """The terms of an English text that its translation calls something else."""
    said = form.casefold()
    for term, english, stems in _terms(language):
        if english.search(source) and not any(stem in said for stem in stems):
            yield f"'{term}' is another word than in the glossary"
