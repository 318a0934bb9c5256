"""A catalog as a spreadsheet, for translators who will never open a .po file, and back."""

import csv
import io
from collections.abc import Iterator

from bot.translations import catalogs
from bot.translations.catalogs import Words
from bot.translations.faults import faults, limit

COLUMNS = ("key", "at most", "English", "translation", "back in English", "remark")
PLURAL = "@plural"
# A spreadsheet would calculate what begins with these.
CALCULATES = ("=", "+", "-", "@", "\t")


def export(language: str) -> bytes:
    """All texts of a language, a row each (two where something is counted), as CSV."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    ours = catalogs.words(catalogs.read(language))
    for key, source in catalogs.words(catalogs.read("en")).items():
        most = str(limit(key) or "")
        for n, english in enumerate(source):
            own = ours.get(key, ())
            text = own[n] if n < len(own) else ""
            rows.writerow([key + PLURAL * n, most, _safe(english), _safe(text), "", ""])
    # The mark without which Excel takes UTF-8 for something else.
    return out.getvalue().encode("utf-8-sig")


def bring_in(language: str, data: bytes) -> list[str]:
    """Take the words of a sheet into the catalog; else what is wrong, a line each."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError:
        return ["not UTF-8: save the sheet as 'CSV UTF-8'"]
    if not rows or not {"key", "English", "translation"} <= rows[0].keys():
        return ["the columns key, English and translation must stay as they were"]
    source = catalogs.read("en")
    english, found = catalogs.words(source), _forms(rows)
    wrong = [*_changed(rows, english), *_faults(found, english, language)]
    if not wrong:
        catalogs.write(language, source, found)
    return wrong


def _forms(rows: list[dict[str, str]]) -> Words:
    found: Words = {}
    for row in rows:
        key, text = row["key"].removesuffix(PLURAL), _plain(row["translation"])
        if text:
            found[key] = (*found.get(key, ()), text)
    return found


def _changed(rows: list[dict[str, str]], english: Words) -> Iterator[str]:
    for row in rows:
        source = english.get(row["key"].removesuffix(PLURAL), ())
        if _plain(row["English"]) not in source:
            yield f"{row['key']}: the English text is another one by now: make a new sheet"


def _faults(found: Words, english: Words, language: str) -> Iterator[str]:
    for key, forms in found.items():
        yield from (f"{key}: {x}" for x in faults(key, english.get(key, ()), forms, language))


def _safe(text: str) -> str:
    return "'" + text if text.startswith(CALCULATES) else text


def _plain(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(CALCULATES) else text
