"""Pages read: drawn ones by RapidOCR and Tesseract, PDFs by their text; Textract by its model."""

import io
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from bot.reading.choose import NotInstalled, choose
from bot.reading.pages import MOST_PAGES, pages_of
from bot.reading.rapid import FILES, MODELS, Rapid
from bot.reading.read import read
from bot.reading.tesseract import Tesseract, installed
from bot.reading.textract import NotRead, Textract
from bot.reading.turn import turned
from bot.speaking import amazon
from nlu.report.facts import facts_of
from nlu.report.kind import kind_of
from nlu.report.page import PageText
from nlu.report.when import date_of
from nlu.report.who import patient_of

pytestmark = pytest.mark.slow
FONT = "bot/review/fonts/NotoSans-Regular.ttf"
TEXT = """\
FICTIONAL DIAGNOSTICS

Patient Name : MRS. SUNITA DEVI        Age : 45 Y / F
Collected : 01/03/2026                 Reported : 03/03/2026

TUMOUR MARKERS

CA 125          88.5       U/mL        0 - 35
CEA             4.1        ng/mL       0 - 5

Method: CLIA. A single value does not prove cancer."""


def drawn(text: str = TEXT, size: int = 30) -> Image.Image:
    """A printed page; spaces are as wide as they were typed."""
    page = Image.new("RGB", (1240, 1000), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, size)
    for row, line in enumerate(text.splitlines()):
        for at, word in words_of(line):
            pen.text((80 + at * 19, 60 + row * 70), word, "black", font)
    return page


def words_of(line: str) -> Iterator[tuple[int, str]]:
    """The cells of a line, and after how many letters each begins."""
    at = 0
    for cell in line.split("   "):
        if cell.strip():
            yield at + len(cell) - len(cell.lstrip()), cell.strip()
        at += len(cell) + 3


def jpeg(image: Image.Image) -> bytes:
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=90)
    return packed.getvalue()


def understood(page: PageText) -> tuple[str, str, str, set[tuple[str, str]]]:
    facts = {(each.name, each.value) for each in facts_of([page])}
    return kind_of([page]).kind, patient_of([page]), date_of([page]), facts


WANTED = (
    "tumour_markers",
    "MRS. SUNITA DEVI",
    "2026-03-03",
    {("ca125", "88.5"), ("cea", "4.1")},
)


@pytest.fixture(scope="module")
def rapid() -> Rapid:
    return Rapid()


def test_rapid_reads_a_page(rapid: Rapid) -> None:
    page = rapid.read(drawn())
    assert understood(page) == WANTED
    assert (page.turn, page.engine, page.width, page.height) == (0, "rapid", 1240, 1000)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rapid_turns_a_page_upright(rapid: Rapid, turn: int) -> None:
    page = rapid.read(turned(drawn(), 360 - turn))
    assert (page.turn, page.width) == (turn, 1240)
    assert understood(page) == WANTED


def test_rapid_says_where_a_line_stands(rapid: Rapid) -> None:
    (line,) = [each for each in rapid.read(drawn()).lines if "MARKERS" in each.text]
    left, top, right, bottom = line.box
    # Drawn 80 pixels from the left, 410 from the top.
    assert abs(left - 80 / 1240) < 0.02
    assert top < 430 / 1000 < bottom
    assert right < 0.5
    assert line.sure > 0.9


def test_rapid_finds_nothing_on_an_empty_page(rapid: Rapid) -> None:
    assert rapid.read(Image.new("RGB", (800, 600), "white")).lines == ()


def test_rapid_needs_nothing_from_the_internet() -> None:
    assert {name for name in FILES.values() if (MODELS / name).is_file()} == set(FILES.values())


@pytest.mark.skipif(not installed(), reason="the program tesseract is not on this machine")
@pytest.mark.parametrize("turn", [0, 180])
def test_tesseract_reads_a_page(turn: int) -> None:
    page = Tesseract(["eng"]).read(turned(drawn(), (360 - turn) % 360))
    assert (page.turn, page.engine, page.width) == (turn, "tesseract", 1240)
    assert understood(page) == WANTED


def line_of(text: str, corners: list[tuple[float, float]], sure: float = 99.0) -> dict[str, Any]:
    polygon = [{"X": across, "Y": down} for across, down in corners]
    box = {"Width": 0.3, "Height": 0.02, "Left": 0.1, "Top": 0.1}
    shape = {"BoundingBox": box, "Polygon": polygon}
    return {"BlockType": "LINE", "Text": text, "Confidence": sure, "Geometry": shape}


def textract(blocks: list[dict[str, Any]]) -> Textract:
    client = amazon("textract", "ap-south-1")
    stub = Stubber(client)
    stub.add_response("detect_document_text", {"Blocks": blocks}, {"Document": {"Bytes": ANY}})
    stub.activate()
    return Textract(client)


def test_textract_reads_a_page() -> None:
    across = [(0.1, 0.2), (0.4, 0.2), (0.4, 0.22), (0.1, 0.22)]
    word = {**line_of("CEA", across), "BlockType": "WORD"}
    page = textract([word, line_of("CEA 4.1 ng/mL", across, 87.5)]).read(drawn())
    (line,) = page.lines
    assert (line.text, line.box, line.sure) == ("CEA 4.1 ng/mL", (0.1, 0.2, 0.4, 0.22), 0.875)
    assert (page.turn, page.engine, page.width) == (0, "textract", 1240)


def test_textract_gives_places_on_the_upright_page() -> None:
    # The text runs from the bottom to the top: the page was turned against the clock.
    upward = [(0.2, 0.9), (0.2, 0.6), (0.22, 0.6), (0.22, 0.9)]
    page = textract([line_of("CEA 4.1 ng/mL", upward)]).read(drawn())
    assert (page.turn, page.width, page.height) == (90, 1000, 1240)
    assert page.lines[0].box == (0.1, 0.2, 0.4, 0.22)


def test_textract_away_is_no_empty_page(caplog: pytest.LogCaptureFixture) -> None:
    client = amazon("textract", "ap-south-1")

    def away(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://textract")

    client.meta.events.register("before-send.textract.*", away)
    with pytest.raises(NotRead):
        Textract(client).read(drawn())
    assert "SUNITA" not in caplog.text


def pdf_of(*texts: str) -> bytes:
    pdf = FPDF()
    for text in texts:
        pdf.add_page()
        pdf.set_font("Courier", size=10)
        for row, line in enumerate(text.splitlines()):
            pdf.text(15, 20 + row * 8, line)
    return bytes(pdf.output())


def test_the_text_of_a_pdf_is_taken_as_it_stands() -> None:
    text = read(pdf_of(TEXT, "BONE SCAN REPORT\n" + TEXT), "application/pdf", None)
    assert [page.engine for page in text.pages] == ["text", "text"]
    assert understood(text.pages[0]) == WANTED
    (line,) = [each for each in text.pages[0].lines if "MARKERS" in each.text]
    assert abs(line.box[0] - 15 / 210) < 0.01
    # Its letters stand on a line 60 mm below the edge.
    assert line.box[1] < 59 / 297
    assert abs(line.box[3] - 60 / 297) < 0.005


def test_a_scan_in_a_pdf_becomes_a_picture() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(drawn(), 0, 0, 210, 297)
    pdf.set_font("Courier", size=4)
    pdf.text(
        10, 10, "words that another machine has guessed and hidden under the scan of this page"
    )
    (page,) = pages_of(bytes(pdf.output()), "application/pdf")
    assert isinstance(page, Image.Image)
    # A4 at 200 dots an inch.
    assert abs(page.width - 1654) < 3


def test_pages_are_read_up_to_a_number() -> None:
    many = pdf_of(*["a"] * (MOST_PAGES + 3))
    assert len(list(pages_of(many, "application/pdf"))) == MOST_PAGES


def test_a_photo_is_one_page_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    packed = io.BytesIO()
    Image.new("RGB", (400, 300)).save(packed, "JPEG", exif=exif)
    (page,) = pages_of(packed.getvalue(), "image/jpeg")
    assert isinstance(page, Image.Image)
    assert page.size == (300, 400)


@pytest.mark.parametrize(
    "mime", ["image/jpeg", "application/pdf", "application/dicom", "audio/ogg"]
)
def test_nothing_is_read_of_what_is_no_page(mime: str) -> None:
    assert read(b"%PDF-1.4 broken", mime, None).pages == ()


def test_without_an_engine_a_picture_has_no_lines() -> None:
    assert read(jpeg(drawn()), "image/jpeg", None).pages == (PageText(),)


def test_the_setting_chooses() -> None:
    assert isinstance(choose("auto"), Rapid)
    assert choose("off") is None
    assert isinstance(choose("textract", "ap-south-1"), Textract)


def test_an_engine_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotInstalled):
        choose("tesseract")
    installed.cache_clear()


LIMITED = """
import resource, sys
from bot.reading.choose import choose
from bot.reading.read import read
engine = choose("rapid")
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print(len(read(sys.stdin.buffer.read(), "image/jpeg", engine).pages[0].lines))
"""


def test_reading_gets_along_with_little_memory_and_no_disk() -> None:
    large = jpeg(drawn().resize((3720, 3000)))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(3 * 1024**3)],
        input=large, capture_output=True, check=True, timeout=100, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(done.stdout) >= 9
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
