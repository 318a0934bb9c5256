"""What the look at one file finds, by its kind."""

import io

import pytest
from PIL import Image

from bot.found import Found
from bot.inspect_file import inspect
from tests.files import blurred, report_pdf, small
from tests.hostile.papers import locked
from tests.hostile.pictures import saved

pytestmark = pytest.mark.slow

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_readable_page_of_every_kind_is_taken(kind: str) -> None:
    assert inspect(saved(kind), KINDS[kind], 0).verdict == "ok"


def heic(data: bytes) -> bytes:
    """A photo as an iPhone would send it."""
    saved("HEIF")
    kept = io.BytesIO()
    Image.open(io.BytesIO(data)).save(kept, "HEIF")
    return kept.getvalue()


@pytest.mark.parametrize(("data", "reason"), [(blurred("CT"), "blurred"), (small("CT"), "small")])
def test_an_unreadable_page_is_asked_for_twice_and_then_taken(data: bytes, reason: str) -> None:
    for sent, mime in ((data, "image/jpeg"), (heic(data), "image/heic")):
        found = [inspect(sent, mime, tries) for tries in (0, 1, 2)]
        assert [each.verdict for each in found] == ["retake", "retake", "accepted_with_flag"]
        assert {each.reason for each in found} == {reason}


def test_a_pdf_by_its_pages_and_its_lock() -> None:
    assert inspect(report_pdf("CT", 3), "application/pdf", 0) == Found("ok", pages=3)
    assert inspect(locked("secret"), "application/pdf", 0) == Found("refused", "encrypted")


def test_a_blank_wall_is_no_page() -> None:
    kept = io.BytesIO()
    Image.new("RGB", (1200, 1600), (200, 190, 180)).save(kept, "JPEG")
    assert inspect(kept.getvalue(), "image/jpeg", 0).reason == "empty"
