"""The files: a gettext catalog per language, its keys those of the English one."""

from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot import wording
from flows.data import LANGUAGES, OWN_NAMES

FOLDER = wording.FOLDER
DRAFTED = "drafted, not yet reviewed by a native speaker"
Words = dict[str, tuple[str, ...]]


def path(language: str) -> Path:
    """The catalog of one language."""
    return FOLDER / language / "LC_MESSAGES" / "saathi.po"


def read(language: str) -> Catalog:
    """The catalog of one language; an empty one where there is no file yet."""
    if not path(language).exists():
        return Catalog(locale=language, project="saathi", version="1", charset="utf-8")
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def words(catalog: Catalog) -> Words:
    """Key to its forms (one, or two where the text counts something)."""
    found = {}
    for message in catalog:
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if key:
            forms = message.string
            found[str(key)] = tuple(forms) if isinstance(forms, tuple | list) else (str(forms),)
    return found


def status() -> dict[str, dict[str, Any]]:
    """Per language: whether its catalog must be `complete`, and who it was `reviewed_by`."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (FOLDER / "status.yml").read_text(encoding="utf-8")
    )
    return found


def glossary(language: str) -> dict[str, str]:
    """The one word of this language for an English one."""
    file = FOLDER / "glossary" / f"{language}.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}


def update() -> None:
    """Bring every catalog to the English keys, with the English text as a comment."""
    english = read("en")
    for language in LANGUAGES:
        if language != "en":
            write(language, english, {})


def write(language: str, english: Catalog, new: Words) -> None:
    """One catalog anew, its words kept where `new` has none."""
    before = read(language)
    known, fresh = {**words(before), **new}, _fresh(language, before)
    for message in english:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        source = message.string[-1] if isinstance(message.string, tuple) else message.string
        forms = known.get(str(key), ("",))
        string = forms if isinstance(message.id, tuple | list) else forms[0]
        fresh.add(message.id, string, auto_comments=[str(source)])
    path(language).parent.mkdir(parents=True, exist_ok=True)
    with path(language).open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True)


def _fresh(language: str, before: Catalog) -> Catalog:
    reviewer = status()[language]["reviewed_by"]
    read_by = f"reviewed by {reviewer}" if reviewer else DRAFTED
    head = f"# {OWN_NAMES[language]}: {read_by}.\n#"
    made = Catalog(locale=language, project="saathi", version="1", header_comment=head, fuzzy=False)
    # The day stays, so that only what changed is seen as changed.
    made.creation_date = before.creation_date
    singular_zero = language in wording.SINGULAR_ZERO
    made._num_plurals = 2  # type: ignore[assignment]
    made._plural_expr = "(n > 1)" if singular_zero else "(n != 1)"  # type: ignore[assignment]
    return made
