"""A Word file becomes a PDF with its words, tables and pictures; a broken one becomes none."""

import io

import pytest
from pypdf import PdfReader

from bot.found import WORD, Found
from bot.inspect_file import inspect
from bot.reading.task import read_task
from bot.reading.word import as_pdf
from storage.documents_mime import sniff
from tests.scans import zipped
from tests.words import word_file

LINES = (
    "HISTOPATHOLOGY REPORT",
    "Patient Name: Mrs. Sunita Kale",
    "काल्पनिक रिपोर्ट",
    "a < b & c",
)
ROWS = (("Haemoglobin", "11.2", "g/dL"), ("Creatinine", "0.8", "mg/dL"))


def test_its_words_and_tables_stand_in_the_pdf() -> None:
    file = word_file(LINES, ROWS)
    assert sniff(file) == WORD
    (page,) = PdfReader(io.BytesIO(as_pdf(file))).pages
    text = page.extract_text()
    for said in ("HISTOPATHOLOGY REPORT", "Mrs. Sunita Kale", "a < b & c", "11.2", "mg/dL"):
        assert said in text
    assert "काल" in text


def test_a_scan_pasted_into_it_is_there() -> None:
    pages = PdfReader(io.BytesIO(as_pdf(word_file(LINES, scanned=True)))).pages
    assert sum(len(page.images) for page in pages) == 1


def test_the_same_file_gives_the_same_bytes() -> None:
    assert as_pdf(word_file(LINES)) == as_pdf(word_file(LINES))


def test_it_is_read_and_the_pdf_is_what_is_shown() -> None:
    given = {"mime": WORD, "engine": "off", "today": "2026-11-29"}
    read, (view,) = read_task(given, [word_file(LINES, ROWS)])
    assert view.startswith(b"%PDF")
    assert read.has_view
    assert read.about.patient == "Mrs. Sunita Kale"


BROKEN = [
    pytest.param(word_file(LINES)[:-300], id="cut"),
    pytest.param(zipped({"word/other.xml": b"<a/>"}), id="no text in it"),
    pytest.param(zipped({"word/document.xml": b"<w:document>"}), id="no XML"),
    pytest.param(b"PK\x03\x04word/", id="no ZIP"),
]


@pytest.mark.parametrize("file", BROKEN)
def test_a_broken_one_becomes_none(file: bytes) -> None:
    assert as_pdf(file) == b""
    read, made = read_task({"mime": WORD, "engine": "off", "today": "2026-11-29"}, [file])
    assert (read.has_view, made) == (False, [])


def test_what_cannot_be_one_is_refused_at_once() -> None:
    assert inspect(word_file(LINES), WORD, 0) == Found("ok")
    assert inspect(word_file(LINES)[:-300], WORD, 0) == Found("refused", "unreadable")
    assert inspect(zipped({"word/x.xml": b"<a/>"}), WORD, 0) == Found("refused", "unreadable")
