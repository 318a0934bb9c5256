"""docs/translations.md: how far each language is, and who has read it."""

from collections.abc import Iterator
from pathlib import Path

from bot.translations import catalogs
from flows.data import LANGUAGES, OWN_NAMES

FILE = Path(__file__).resolve().parents[2] / "docs" / "translations.md"
START, END = "<!-- status -->", "<!-- /status -->"


def table() -> str:
    """A row a language."""
    return "\n".join(_rows())


def _rows() -> Iterator[str]:
    yield "| code | language | texts | glossary | reviewed by a native speaker |"
    yield "|---|---|---|---|---|"
    all_keys, status = catalogs.words(catalogs.read("en")), catalogs.status()
    for language in LANGUAGES:
        ours = catalogs.words(catalogs.read(language))
        done = sum(all(ours.get(key, ("",))) for key in all_keys)
        terms = len(catalogs.glossary(language))
        reader = status[language]["reviewed_by"] or "not yet"
        name = OWN_NAMES[language]
        yield f"| {language} | {name} | {done} of {len(all_keys)} | {terms} | {reader} |"


def write_report() -> None:
    """Put the table between its marks."""
    before, _, rest = FILE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    FILE.write_text(f"{before}{START}\n\n{table()}\n\n{END}{after}", encoding="utf-8")
