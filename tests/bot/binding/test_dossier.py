"""The dossier of a case: an index whose links lead to the right pages, then every document."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pytest

from bot.review.binding.bind import bind
from bot.review.binding.dossier import dossier
from bot.review.binding.sheet import Part, Sheet
from tests.bot.binding.bench import opened, pictures, read, texts
from tests.files import photo, report_pdf

pytestmark = pytest.mark.slow
JPEG, PDF = "image/jpeg", "application/pdf"
HARD = "accepted although hard to read"
LOCKED = "see original: locked with a password"


def shot(words: str, dated: str = "", *notes: str) -> Sheet:
    return Sheet(JPEG, dated, read(words), notes, photo(words))


def part(label: str, *sheets: Sheet) -> tuple[Part, bytes]:
    bound = bind(sheets, label)
    return Part(label, sheets, bound.pages), bound.pdf


def parts() -> list[tuple[Part, bytes]]:
    newer = shot("newer first", "2026-10-20"), shot("newer second", "", HARD)
    blood = Sheet(PDF, "2026-11-01", data=report_pdf("blood"))
    return [
        part("Biopsy report", *newer, shot("older", "2026-09-01")),
        part("Blood test reports", blood, Sheet(PDF, "", notes=(LOCKED,), data=b"x")),
    ]


def made(*parts: tuple[Part, bytes], missing: Sequence[str] = ()) -> bytes:
    return dossier("C-TEST-0009", [one for one, _ in parts], [pdf for _, pdf in parts], missing)


@cache
def whole() -> bytes:
    return made(*parts(), missing=["PET-CT report: Cannot afford"])


def test_documents_are_in_order_and_the_older_paper_first() -> None:
    words = ["C-TEST-0009: documents", "older", "newer first", "newer second"]
    words += ["blood, page 1 of 2", "blood, page 2 of 2"]
    found = texts(whole())
    assert len(found) == len(words)
    assert [want in page for want, page in zip(words, found, strict=True)] == [True] * 6


def test_the_index_tells_date_pages_place_and_what_is_wrong() -> None:
    index = " ".join(texts(whole())[0].split())
    for row in (
        "Biopsy report 01 Sep 2026 1 2",
        f"Biopsy report 20 Oct 2026 2 3 {HARD}",
        f"Blood test reports - - - {LOCKED}",
        "Blood test reports 01 Nov 2026 2 5",
        "Not available PET-CT report: Cannot afford",
    ):
        assert row in index


def links(pdf: bytes) -> list[tuple[float, float, int]]:
    """Between which heights each link of the first page stands, and the page it leads to."""
    reader = pypdf.PdfReader(BytesIO(pdf))
    found: list[tuple[float, float, int]] = []
    for one in reader.pages[0].annotations or ():
        link: Any = one.get_object()
        target = reader.get_page_number(link["/Dest"][0].get_object())
        assert target is not None
        found.append((float(link["/Rect"][1]), float(link["/Rect"][3]), target))
    return found


def test_links_of_the_index_lead_to_the_pages_that_their_rows_name() -> None:
    found = links(whole())
    assert [page for *_, page in found] == [1, 2, 4]
    # The row under a link names the page, as people count.
    with opened(whole()) as pdf:
        words = pdf[0].get_textpage()
        for bottom, top, page in found:
            row = words.get_text_bounded(bottom=bottom, top=top)
            assert f" {page + 1} " in f" {' '.join(row.split())} "


def test_bookmarks_by_document_paper_and_page() -> None:
    with opened(whole()) as pdf:
        found = [(one.level, one.get_title(), one.get_dest().get_index()) for one in pdf.get_toc()]
    assert found == [
        (0, "Index", 0),
        (0, "Biopsy report", 1),
        (1, "01 Sep 2026", 1),
        (2, "Page 1", 1),
        (1, "20 Oct 2026", 2),
        (2, "Page 1", 2),
        (2, "Page 2", 3),
        (0, "Blood test reports", 4),
        (1, "01 Nov 2026", 4),
        (2, "Page 1", 4),
        (2, "Page 2", 5),
    ]


def test_no_page_is_blank() -> None:
    for page in pictures(whole(), 0.4):
        assert sum(page.histogram()[:140]) > 50


def test_a_long_index_goes_on_and_its_links_still_fit() -> None:
    papers = [shot(f"paper {n}", f"2026-01-{n % 28 + 1:02}") for n in range(28)]
    parts = [part(f"Document {n}", *papers[n : n + 2]) for n in range(0, 28, 2)]
    many = made(*parts, *parts, *parts, *parts)
    words = texts(many)
    first = next(n for n, page in enumerate(words) if "page 1 of" in page)
    assert first > 1
    reader = pypdf.PdfReader(BytesIO(many))
    counted = sum(len(page.annotations or ()) for page in reader.pages[:first])
    assert counted == 28 * 4
    assert links(many)[0][2] == first


def test_the_same_case_gives_the_same_bytes_and_nothing_tells_the_time() -> None:
    assert made(*parts(), missing=["PET-CT report: Cannot afford"]) == whole()
    with pikepdf.open(BytesIO(whole())) as pdf:
        assert dict(pdf.docinfo.items()) == {"/Title": "Case C-TEST-0009: documents"}


def test_nothing_bound_is_still_an_index() -> None:
    only = Part("Blood test reports", (Sheet(PDF, notes=(LOCKED,)),), (0,))
    found = texts(dossier("C-TEST-0009", [only], [b""], []))
    assert len(found) == 1
    assert LOCKED in " ".join(found[0].split())


@pytest.mark.parametrize("label", ["X" * 200, "मैमोग्राम ✓"])
def test_an_odd_label_does_no_harm(label: str) -> None:
    assert len(texts(made(part(label, shot("words"))))) == 2
