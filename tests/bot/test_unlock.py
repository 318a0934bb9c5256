"""A PDF with a password is opened with it; the copy needs none."""

import io

import pikepdf
import pytest

from bot.found import Found
from bot.unlock import unlock_task
from tests.files import report_pdf


def locked(password: str, r: int = 6) -> bytes:
    """A FICTIONAL report with a password, as hospitals send it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(report_pdf("Biopsy report", pages=2))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=password, R=r))  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("r", [4, 6])
@pytest.mark.parametrize("password", ["01051981", "सुनीता", "a b c"])
def test_the_right_word_opens_it(password: str, r: int) -> None:
    if r < 6 and not password.isascii():
        pytest.skip("old locks know Latin letters only")
    found, (opened,) = unlock_task({"password": password}, [locked(password, r)])
    assert found == Found("ok", pages=2)
    with pikepdf.open(io.BytesIO(opened)) as pdf:
        assert not pdf.is_encrypted
        assert len(pdf.pages) == 2


@pytest.mark.parametrize("password", ["wrong", "", "x" * 127])
def test_a_wrong_word_does_not(password: str) -> None:
    assert unlock_task({"password": password}, [locked("right")]) == (
        Found("refused", "encrypted"),
        [],
    )


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"no pdf at all"])
def test_a_broken_file_is_told(data: bytes) -> None:
    found, made = unlock_task({"password": "right"}, [data])
    assert (found.verdict, found.reason, made) == ("refused", "unreadable", [])
