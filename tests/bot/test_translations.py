"""The catalogs' own checks find what they say, and a spreadsheet comes back as it went."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from bot.translations import catalogs, sheet
from bot.translations.faults import faults, problems
from bot.translations.report import FILE, table
from flows.data import LANGUAGES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Catalogs of our own to write into."""
    shutil.copytree(catalogs.FOLDER, tmp_path / "locales")
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path / "locales")
    return tmp_path / "locales"


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def packed(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


FAULTS = [
    ("button.yes", "Yes", "एक बहुत लंबा बटन जो समाता नहीं", "29 characters, at most 20"),
    ("submit.done", "Its number: {number}", "उसका नंबर", "other placeholders than the English text"),
    ("ask.sex", "Female?", "Female हैं?", "English left over: female"),
    ("ask.sex", "Female?", "महিলা?", "letters of another script: ল া ি"),
    ("ask.sex", "Call 112", "११२ पर", "digits that are not 0-9"),
    ("ask.sex", "Wait", "न\u093cमक", "not in the composed form (NFC)"),
]


@pytest.mark.parametrize(("key", "english", "ours", "fault"), FAULTS)
def test_a_fault_is_named(key: str, english: str, ours: str, fault: str) -> None:
    found = list(faults(key, (english,), (ours,), "hi"))
    assert [each.split(" ", 1)[1] for each in found] == [fault.split(" ", 1)[1]]


def test_letters_that_only_the_sister_language_has(folder: Path) -> None:
    assert list(faults("k", ("x",), ("কৰ",), "bn"))
    assert list(faults("k", ("x",), ("কর",), "as"))
    assert not list(faults("k", ("x",), ("কর",), "bn"))


def test_a_fuzzy_text_is_a_problem(folder: Path) -> None:
    file = folder / "hi/LC_MESSAGES/saathi.po"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('msgid "ask.sex"', '#, fuzzy\nmsgid "ask.sex"'), encoding="utf-8")
    assert list(problems("hi")) == ["hi: ask.sex: fuzzy"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_comes_back_as_it_went(language: str, folder: Path) -> None:
    before = catalogs.words(catalogs.read(language))
    assert sheet.bring_in(language, sheet.export(language)) == []
    assert catalogs.words(catalogs.read(language)) == before


def test_an_update_changes_nothing_where_nothing_is_new(folder: Path) -> None:
    before = {code: catalogs.path(code).read_bytes() for code in LANGUAGES}
    catalogs.update()
    assert {code: catalogs.path(code).read_bytes() for code in LANGUAGES} == before


def test_a_changed_row_and_both_plural_forms_are_taken(folder: Path) -> None:
    found = rows(sheet.export("hi"))
    for row in found:
        row["translation"] = {
            "ask.writer_name": "आपका शुभ नाम?",
            "papers.kept": "{doc}: {count} पन्ना",
            "papers.kept@plural": "{doc}: {count} पन्ने",
        }.get(row["key"], row["translation"])
    assert sheet.bring_in("hi", packed(found)) == []
    words = catalogs.words(catalogs.read("hi"))
    assert words["ask.writer_name"] == ("आपका शुभ नाम?",)
    assert words["papers.kept"] == ("{doc}: {count} पन्ना", "{doc}: {count} पन्ने")


def test_one_wrong_row_and_none_is_taken(folder: Path) -> None:
    before = catalogs.path("hi").read_bytes()
    found = rows(sheet.export("hi"))
    for row in found:
        row["translation"] = {
            "ask.writer_name": "आपका शुभ नाम?",
            "submit.done": "भेज दिया",
        }.get(row["key"], row["translation"])
    wrong = sheet.bring_in("hi", packed(found))
    assert wrong == ["submit.done: other placeholders than the English text"]
    assert catalogs.path("hi").read_bytes() == before


def test_a_sheet_of_an_older_english_text_is_refused(folder: Path) -> None:
    found = rows(sheet.export("hi"))
    found[0]["English"] = "Something else"
    [wrong] = sheet.bring_in("hi", packed(found))
    assert "make a new sheet" in wrong


@pytest.mark.parametrize("data", ["नाम".encode("utf-16"), b"", b"a,b\n1,2\n"])
def test_what_is_no_sheet_of_ours_is_refused(data: bytes) -> None:
    assert len(sheet.bring_in("hi", data)) == 1


def test_a_cell_that_a_spreadsheet_would_calculate_is_kept_as_words() -> None:
    assert sheet._safe("=1+1") == "'=1+1"
    assert sheet._plain(sheet._safe("=1+1")) == "=1+1"


def test_the_page_about_the_translations_is_up_to_date() -> None:
    assert table() in FILE.read_text(encoding="utf-8")


def test_a_word_that_strays_from_its_glossary() -> None:
    key, source = "help.who", ("The doctor sees your photos.",)
    kept = faults(key, source, ("डॉक्टर आपके फ़ोटो देखते हैं।",), "hi")
    strayed = faults(key, source, ("चिकित्सक आपके फ़ोटो देखते हैं।",), "hi")
    assert (list(kept), list(strayed)) == ([], ["'doctor' is another word than in the glossary"])
