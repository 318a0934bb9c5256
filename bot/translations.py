"""Keeps the catalogs honest: `python -m bot.translations check` and `update`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from flows.data import LANGUAGES, OWN_NAMES, table

FOLDER = Path(__file__).resolve().parents[1] / "locales"
BUTTON, ROW, ABOUT = 20, 24, 72
HOLE = re.compile(r"\{\{\d+\}\}|\{\w+\}")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
# Names and signs that stay as they are in every language.
STAY = {
    "saathi",
    "pdf",
    "pet",
    "mri",
    "ihc",
    "fnac",
    "psa",
    "spep",
    "fish",
    "tele",
    "manas",
    "dicom",
}
SINGULAR_ZERO = ("hi", "bn", "gu", "kn", "pa", "as")


def path(language: str) -> Path:
    """The catalog of one language."""
    return FOLDER / language / "LC_MESSAGES" / "saathi.po"


def read(language: str) -> Catalog:
    """The catalog of one language; an empty one where there is no file yet."""
    if not path(language).exists():
        return Catalog(locale=language, project="saathi", version="1", charset="utf-8")
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def words(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Key to its forms (one, or two where the text counts something)."""
    found = {}
    for message in catalog:
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if key:
            forms = message.string
            found[str(key)] = tuple(forms) if isinstance(forms, tuple | list) else (str(forms),)
    return found


def complete() -> list[str]:
    """The languages in which every text must be there."""
    status = yaml.safe_load((FOLDER / "status.yml").read_text(encoding="utf-8"))
    return [code for code, told in status.items() if told["complete"]]


def limit(key: str) -> int:
    """The most characters that a text may have, 0 for no limit."""
    head, _, rest = key.partition("#")[0].partition(".")
    match head:
        case "button":
            return BUTTON
        case "option":
            return BUTTON if _few(rest.partition(".")[0]) else ROW
        case "doc" | "case_type" | "waiver" | "label":
            return ROW
        case "about":
            return ABOUT
        case "suggest" if rest.endswith(".short"):
            return ROW
        case "list":
            return BUTTON
    return 0


def _few(field: str) -> bool:
    for section in table("intake")["sections"]:
        for entry in section["fields"]:
            if entry["id"] == field:
                count = len(entry.get("options", ())) + bool(entry.get("skip"))
                return entry["kind"] == "choice" and count <= 3
    return False


def problems(language: str) -> Iterator[str]:
    """What is wrong in one catalog, a line each."""
    english, ours = words(read("en")), words(read(language))
    must_be_whole = language in complete()
    yield from (f"{language}: {key}: not in the English catalog" for key in ours.keys() - english)
    for key, source in english.items():
        forms = tuple(form for form in ours.get(key, ()) if form)
        if forms:
            yield from (
                f"{language}: {key}: {fault}" for fault in _faults(key, source, forms, language)
            )
        elif must_be_whole and "#" not in key:
            yield f"{language}: {key}: missing"


def _faults(
    key: str, source: tuple[str, ...], forms: tuple[str, ...], language: str
) -> Iterator[str]:
    if len(forms) != len(source):
        yield f"needs {len(source)} forms"
    for form in forms:
        if set(HOLE.findall(form)) != set(HOLE.findall(source[-1])):
            yield "other placeholders than the English text"
        if limit(key) and len(form) > limit(key):
            yield f"{len(form)} characters, at most {limit(key)}"
        if language != "en" and (left := _left_over(form, source[-1])):
            yield f"English left over: {', '.join(left)}"


def _left_over(form: str, source: str) -> list[str]:
    plain = HOLE.sub("", form)
    theirs = {word.lower() for word in LATIN_WORD.findall(plain)} - STAY
    if not re.search(r"[^\x00-\u024f\u2000-\u22ff]", plain) and theirs:
        return sorted(theirs)
    return sorted(theirs & {"please", "your", "the", "send", "patient", "doctor", "report"})


def check() -> int:
    """Print every problem; 1 when there is one."""
    found = [line for language in LANGUAGES for line in problems(language)]
    for line in found:
        sys.stdout.write(line + "\n")
    return 1 if found else 0


def update() -> int:
    """Bring every catalog to the English keys, with the English text as a comment."""
    english = read("en")
    for language in LANGUAGES:
        if language != "en":
            _update(language, english)
    return 0


def _update(language: str, english: Catalog) -> None:
    old, fresh = words(read(language)), _fresh(language)
    for message in english:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        source = message.string[-1] if isinstance(message.string, tuple) else message.string
        forms = old.get(str(key), ("",))
        string = forms if isinstance(message.id, tuple | list) else forms[0]
        fresh.add(message.id, string, auto_comments=[str(source)])
    path(language).parent.mkdir(parents=True, exist_ok=True)
    with path(language).open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True)


def _fresh(language: str) -> Catalog:
    head = f"# {OWN_NAMES[language]}: drafted, not yet reviewed by a native speaker.\n#"
    made = Catalog(locale=language, project="saathi", version="1", header_comment=head, fuzzy=False)
    # By hand: Babel's table differs from CLDR here, and has no entry for some.
    made._num_plurals = 2  # type: ignore[assignment]
    made._plural_expr = "(n > 1)" if language in SINGULAR_ZERO else "(n != 1)"  # type: ignore[assignment]
    return made


if __name__ == "__main__":
    sys.exit({"check": check, "update": update}[sys.argv[1]]())
