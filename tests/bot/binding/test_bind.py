"""Photos and PDFs of one document become one PDF: in order, upright, with words to be found."""

import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from PIL import ExifTags, Image

from bot.review.binding.bind import bind
from bot.review.binding.picture import upright
from bot.review.binding.sheet import Sheet, Unusable, by_date, documents
from nlu.report.page import Text
from tests.bot.binding.bench import encoded, marked, opened, pictures, read, texts
from tests.files import photo, report_pdf

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
JPEG, PDF = "image/jpeg", "application/pdf"
TWO = Sheet(PDF, data=report_pdf("blood", 2))


def shot(title: str, **more: object) -> Sheet:
    """A photo of a page."""
    return Sheet(JPEG, data=photo(title), **more)  # type: ignore[arg-type]


def corner(page: Image.Image) -> str:
    """Where the black square of a marked page stands; "" on a page without one."""
    # The printed part alone: without the paper's edges and the footer.
    dark = page.point(lambda value: 255 if value < 60 else 0).getbbox()
    if not dark:
        return ""
    middle = (dark[0] + dark[2]) / 2 / page.width, (dark[1] + dark[3]) / 2 / page.height
    return f"{'upper' if middle[1] < 0.5 else 'lower'} {'left' if middle[0] < 0.5 else 'right'}"


def test_the_pages_are_in_the_order_of_the_sheets() -> None:
    first, last = shot("one", text=read("first page")), shot("three", text=read("last page"))
    bound = bind([first, TWO, last], "Biopsy report")
    assert bound.pages == (1, 2, 1)
    words = texts(bound.pdf)
    expected = ["first page", "blood, page 1 of 2", "blood, page 2 of 2", "last page"]
    assert [want in page for want, page in zip(expected, words, strict=True)] == [True] * 4
    assert "Biopsy report \u00b7 page 1 of 4 \u00b7 photographed" in words[0]
    assert "Biopsy report \u00b7 page 4 of 4 \u00b7 photographed" in words[3]


def test_each_page_has_a_bookmark() -> None:
    bound = bind([shot("one", dated="2026-10-20"), TWO], "Biopsy report")
    with opened(bound.pdf) as pdf:
        found = [(one.get_title(), one.get_dest().get_index()) for one in pdf.get_toc()]
    assert found == [
        ("Biopsy report, 20 Oct 2026, page 1", 0),
        ("Biopsy report, page 2", 1),
        ("Biopsy report, page 3", 2),
    ]


def test_no_page_is_blank() -> None:
    for page in pictures(bind([shot("one"), TWO], "Biopsy report").pdf):
        ink = sum(page.histogram()[:100])
        assert ink > 0.002 * page.width * page.height


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_picture_is_turned_as_it_was_read(turn: int) -> None:
    lying = marked().rotate(turn, expand=True)
    sheet = Sheet(JPEG, data=encoded(lying), text=read("words", turn=turn))
    bound = bind([sheet], "CT scan report")
    (page,) = pictures(bound.pdf)
    assert corner(page) == "upper left"
    assert page.height > page.width
    with opened(bound.pdf) as pdf:
        page_text = pdf[0].get_textpage()
        # The footer comes first.
        assert page_text.count_rects() == 2
        left, bottom, right, top = page_text.get_rect(1)
    # Read at 0.1 to 0.6 of the upright page's width, 0.1 to 0.125 of its height.
    assert 60 < left < right < 400
    assert 700 < bottom < top < 790


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_lies_as_its_camera_says(orientation: int) -> None:
    turned = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encoded(marked().rotate(turned, expand=True), exif=exif)
    (page,) = pictures(bind([Sheet(JPEG, data=data)], "CT scan report").pdf)
    assert corner(page) == "upper left"


KINDS = [
    pytest.param("image/png", "PNG", "RGB", id="PNG"),
    pytest.param("image/png", "PNG", "RGBA", id="PNG with alpha"),
    pytest.param("image/png", "PNG", "P", id="PNG with a palette"),
    pytest.param("image/webp", "WEBP", "RGB", id="WebP"),
    pytest.param("image/heic", "HEIF", "RGB", id="HEIC"),
    pytest.param("image/jpeg", "JPEG", "L", id="grey JPEG"),
    pytest.param("image/jpeg", "JPEG", "CMYK", id="CMYK JPEG"),
]


@pytest.mark.parametrize(("mime", "kind", "mode"), KINDS)
def test_every_kind_of_picture(mime: str, kind: str, mode: str) -> None:
    data = encoded(marked().convert(mode), kind)
    bound = bind([Sheet(mime, data=data)], "Biopsy report")
    assert bound.pages == (1,)
    assert corner(pictures(bound.pdf)[0]) == "upper left"


def test_a_good_jpeg_stays_as_it_is_and_a_huge_one_gets_smaller() -> None:
    data = photo("one")
    assert upright(data) == data
    huge = Image.effect_noise((4000, 3000), 90)
    made = upright(encoded(huge, quality=95))
    with Image.open(BytesIO(made)) as image:
        assert max(image.size) == 2400


def test_clear_parts_of_a_picture_become_white() -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    with Image.open(BytesIO(upright(encoded(clear, "PNG")))) as image:
        assert image.convert("L").getextrema()[0] > 250  # type: ignore[operator]


BROKEN = [
    pytest.param(JPEG, photo("torn")[:9000], "broken", id="a torn photo"),
    pytest.param(JPEG, b"no picture", "broken", id="no picture"),
    pytest.param("image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "broken", id="a PNG's head"),
]


@pytest.mark.parametrize(("mime", "data", "reason"), BROKEN)
def test_a_broken_photo_is_named_and_the_others_stay(mime: str, data: bytes, reason: str) -> None:
    with pytest.raises(Unusable) as unusable:
        upright(data)
    assert unusable.value.reason == reason
    bound = bind([shot("one"), Sheet(mime, data=data), TWO], "Biopsy report")
    assert bound.pages == (1, 0, 2)
    assert "page 1 of 3" in texts(bound.pdf)[0]


def test_nothing_that_can_be_bound_is_no_pdf() -> None:
    assert bind([Sheet(JPEG, data=b"x")], "Biopsy report").pdf == b""


SAID = {
    "English": "Invasive ductal carcinoma, grade 2",
    "Hindi": "सुनीता देवी की जाँच रिपोर्ट, क्षत्रिय",
    "Tamil": "நோயாளியின் பெயர்: சுனிதா",
    "Bengali": "রোগীর নাম: সুনীতা দেবী",
    "Malayalam": "രോഗിയുടെ പേര്",
    "Urdu": "مریض کا نام سنیتا",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_words_are_found_in_every_script(said: str) -> None:
    bound = bind([shot("one", text=read(said))], "Biopsy report")
    with opened(bound.pdf) as pdf:
        page = pdf[0].get_textpage()
        assert said in page.get_text_range()
        assert page.search(said.split()[-1]).get_next()


def test_urdu_with_a_number_is_found_word_for_word() -> None:
    # Readers order such a line in ways of their own; its words must be whole.
    bound = bind([shot("one", text=read("پی ایس اے 8.4 ng/mL"))], "Biopsy report")
    found = texts(bound.pdf)[0]
    assert "پی ایس اے" in found
    assert "8.4" in found


@pytest.mark.parametrize("script", ["English", "Hindi", "Tamil"])
def test_another_reader_finds_the_same_words(script: str) -> None:
    bound = bind([shot("one", text=read(SAID[script]))], "Biopsy report")
    assert SAID[script] in pypdf.PdfReader(BytesIO(bound.pdf)).pages[0].extract_text()


def test_words_that_were_read_are_not_seen() -> None:
    seen = pictures(bind([shot("one")], "Biopsy report").pdf)
    with_words = pictures(bind([shot("one", text=read(*SAID.values()))], "Biopsy report").pdf)
    assert [page.tobytes() for page in seen] == [page.tobytes() for page in with_words]


def test_odd_words_do_no_harm() -> None:
    odd = read("", "   ", "\U0001f600", "a\0b\x07", "(\\)>", "\ud800")
    bound = bind([shot("one", text=odd)], "Label with ✓ and ₹")
    assert "(\\)>" in texts(bound.pdf)[0]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scanned_pdf_gets_its_words_where_they_stand(turn: int) -> None:
    scan = encoded(marked(), "PDF", resolution=72)
    turned = pypdf.PdfWriter(clone_from=BytesIO(scan))
    turned.pages[0].rotate(turn)
    kept = BytesIO()
    turned.write(kept)
    bound = bind([Sheet(PDF, data=kept.getvalue(), text=read("PSA 8.4 ng/mL"))], "PSA report(s)")
    with opened(bound.pdf) as pdf:
        page = pdf[0].get_textpage()
        assert page.get_text_range() == "PSA 8.4 ng/mL"
        # A viewer turns the page: the words must run along the turned lines.
        assert page.count_rects() == 1
        left, bottom, right, top = page.get_rect(0)
    assert (right - left > top - bottom) == (turn in (0, 180))


def test_a_pdf_with_words_of_its_own_keeps_only_these() -> None:
    sheet = Sheet(PDF, data=report_pdf("blood", 1), text=read("read by a machine"))
    assert "read by a machine" not in texts(bind([sheet], "Blood").pdf)[0]


def test_the_same_sheets_give_the_same_bytes_in_any_process() -> None:
    here = bind([shot("one", text=read(*SAID.values()), dated="2026-10-20"), TWO], "Biopsy report")
    script = (
        "import sys, hashlib\n"
        "from tests.bot.binding.test_bind import *\n"
        "s = shot('one', text=read(*SAID.values()), dated='2026-10-20')\n"
        "print(hashlib.sha256(bind([s, TWO], 'Biopsy report').pdf).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    from hashlib import sha256

    assert there.strip() == sha256(here.pdf).hexdigest()


def test_a_hundred_pages_fit_into_little_memory() -> None:
    script = (
        "import resource\n"
        "from tests.bot.binding.test_bind import *\n"
        "sheets = [shot(f'page {n}') for n in range(100)]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "bound = bind(sheets, 'Biopsy report')\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(sum(bound.pages), (after - before) // 1024, len(bound.pdf) // 1024**2)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    pages, grown, size = map(int, told.split())
    assert pages == 100
    # The finished file, what it is made of, and a little.
    assert grown < 4 * size + 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


ORDERS = [
    pytest.param(["2026-10-20", "", ""], [[0, 1, 2]], id="pages without a date follow"),
    pytest.param(["2026-10-20", "2026-09-01", ""], [[1, 2], [0]], id="the older paper first"),
    pytest.param(["", "", "2026-09-01"], [[0, 1], [2]], id="what has no date stays before"),
    pytest.param(["2026-09-01", "2026-09-01"], [[0, 1]], id="one day is one paper"),
]


@pytest.mark.parametrize(("dates", "expected"), ORDERS)
def test_papers_by_date(dates: list[str], expected: list[list[int]]) -> None:
    assert by_date([Sheet(JPEG, dated) for dated in dates]) == expected


def test_a_pdf_is_a_paper_of_its_own() -> None:
    assert documents([Sheet(JPEG), Sheet(PDF), Sheet(JPEG), Sheet(JPEG, text=Text())]) == [
        [0],
        [1],
        [2, 3],
    ]
