"""What is wrong in a catalog: missing, too long, other placeholders, letters that do not belong."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from bot.translations import catalogs
from bot.translations.terms import strayed
from flows.data import table
from nlu import KNOWN

BUTTON, ROW, ABOUT = 20, 24, 72
HOLE = re.compile(r"\{\{\d+\}\}|\{\w+\}")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# Names and signs that stay as they are in every language.
STAY = frozenset(
    "saathi pdf pet mri ct ihc fnac psa spep fish tele manas dicom id otp sms usg er pr her"
    " cd dvd bp tb pft tvs".split()
)
# ISO 15924, as the lexicon has them, to the names that Unicode gives their letters.
SCRIPTS = {
    "Deva": "DEVANAGARI", "Beng": "BENGALI", "Telu": "TELUGU", "Taml": "TAMIL", "Gujr": "GUJARATI",
    "Arab": "ARABIC", "Knda": "KANNADA", "Orya": "ORIYA", "Mlym": "MALAYALAM", "Guru": "GURMUKHI",
    "Latn": "LATIN",
}  # fmt: skip
# Of the one script that two languages share, the letters that only the other one has.
FOREIGN = {"bn": "ৰৱ", "as": "র", "ur": "يكىه"}


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


@cache
def _few(field: str) -> bool:
    for section in table("intake")["sections"]:
        for entry in section["fields"]:
            if entry["id"] == field:
                count = len(entry.get("options", ())) + bool(entry.get("skip"))
                return entry["kind"] == "choice" and count <= 3
    return False


def problems(language: str) -> Iterator[str]:
    """What is wrong in one catalog, a line each."""
    catalog = catalogs.read(language)
    english, ours = catalogs.words(catalogs.read("en")), catalogs.words(catalog)
    whole = catalogs.status()[language]["complete"]
    yield from (f"{language}: {key}: not in the English catalog" for key in ours.keys() - english)
    yield from (f"{language}: {message.id}: fuzzy" for message in catalog if message.fuzzy)
    for key, source in english.items():
        forms = tuple(form for form in ours.get(key, ()) if form)
        if forms:
            yield from (f"{language}: {key}: {x}" for x in faults(key, source, forms, language))
        elif whole and "#" not in key:
            yield f"{language}: {key}: missing"


def faults(
    key: str, source: tuple[str, ...], forms: tuple[str, ...], language: str
) -> Iterator[str]:
    """What is wrong with one text, given the English one."""
    if len(forms) != len(source):
        yield f"needs {len(source)} forms"
    for form in forms:
        if set(HOLE.findall(form)) != set(HOLE.findall(source[-1])):
            yield "other placeholders than the English text"
        if limit(key) and len(form) > limit(key):
            yield f"{len(form)} characters, at most {limit(key)}"
        yield from _letters(HOLE.sub("", form), language)
        yield from strayed(source[-1], form, language)


def _letters(text: str, language: str) -> Iterator[str]:
    if unicodedata.normalize("NFC", text) != text:
        yield "not in the composed form (NFC)"
    if language == "en":
        return
    left = {word.lower() for word in LATIN_WORD.findall(text)} - STAY
    if left:
        yield f"English left over: {', '.join(sorted(left))}"
    if strange := sorted({sign for sign in text if _strange(sign, language)}):
        yield f"letters of another script: {' '.join(strange)}"
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        yield "digits that are not 0-9"


def _strange(sign: str, language: str) -> bool:
    if sign in FOREIGN.get(language, ""):
        return True
    foreign = unicodedata.category(sign)[0] in "LM" and ord(sign) > 0x24F
    return foreign and SCRIPTS[KNOWN[language]["script"]] not in unicodedata.name(sign, "")
