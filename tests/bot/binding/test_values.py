"""Values that a machine read: each traceable to its place, all shown, none made up."""

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest
from msgspec.structs import replace
from PIL import Image

from bot.review.binding.case import bind_case
from bot.review.binding.reads import Reads
from bot.review.binding.sheet import Sheet, Wanted
from bot.review.binding.strips import strips
from bot.review.binding.summary import summary
from bot.review.binding.values import Group, Value, as_data, differing, groups_of
from nlu.report.fact import Fact
from nlu.report.page import Box, PageText, Text
from tests.bot.binding.bench import Bench, encoded, marked, read, texts
from tests.files import photo, report_pdf

pytestmark = pytest.mark.slow
BOX = (0.1, 0.1, 0.4, 0.12)
PSA = Fact("psa", "8.4", "ng/mL", 1, BOX, "PSA 8.4 ng/mL")
HIGHER = replace(PSA, value="9.1", page=2)


def value(fact: Fact = PSA, label: str = "PSA report(s)", **more: object) -> Value:
    return replace(Value(fact, "psa_report", label, "2026-10-01", "a" * 64), **more)


def found(pages: Sequence[PageText]) -> list[Fact]:
    """Every line of three words is a fact."""
    lines = [(n, line, line.text.split()) for n, page in enumerate(pages, 1) for line in page.lines]
    return [
        Fact(words[0].lower(), words[1], words[2], n, line.box, line.text)
        for n, line, words in lines
        if len(words) == 3
    ]


PLACES = [
    pytest.param((0, 0.05, 1, 0.1), "page 1, upper third", id="above"),
    pytest.param((0, 0.45, 1, 0.5), "page 1, middle", id="middle"),
    pytest.param((0, 0.95, 1, 1.0), "page 1, lower third", id="below"),
    pytest.param((0, 1.2, 1, 1.3), "page 1, lower third", id="a box beyond the page"),
]


@pytest.mark.parametrize(("box", "place"), PLACES)
def test_a_place_in_words(box: Box, place: str) -> None:
    assert value(replace(PSA, box=box)).place == place


def test_what_differs_is_shown_with_all_its_values() -> None:
    values = [value(), value(HIGHER), value(), value(Fact("grade", "2"))]
    assert {name: [one.printed for one in ways] for name, ways in differing(values).items()} == {
        "psa": ["8.4 ng/mL", "9.1 ng/mL"]
    }


def test_the_same_in_other_letters_does_not_differ() -> None:
    assert differing([value(Fact("er", "Positive")), value(Fact("er", "POSITIVE"))]) == {}


class Inventive:
    """A summariser that groups by subject, and adds, changes and moves values."""

    async def summarise(self, values: Sequence[Value]) -> Sequence[Group]:
        (one,) = values
        invented = replace(one, fact=replace(one.fact, value="84"))
        moved = replace(one, fact=replace(one.fact, page=7))
        return [
            Group("Tumour markers", (one, invented, moved)),
            Group("Conclusions", (value(Fact("stage", "IV")),)),
        ]


async def test_no_summariser_can_add_or_change_a_value() -> None:
    assert await groups_of(Inventive(), [value()]) == (Group("Tumour markers", (value(),)),)


def test_the_data_for_machines() -> None:
    data = as_data("C-TEST-0009", [value(), value(HIGHER)])
    assert data["notice"] == "Machine-read, unverified"
    first, second = data["facts"]
    assert first == {
        "document": "psa_report",
        "label": "PSA report(s)",
        "date": "2026-10-01",
        "sha256": "a" * 64,
        "name": "psa",
        "value": "8.4",
        "unit": "ng/mL",
        "page": 1,
        "box": BOX,
        "line": "PSA 8.4 ng/mL",
        "sure": 1.0,
        "place": "page 1, upper third",
        "differs": True,
    }
    assert second["value"] == "9.1"


@pytest.mark.parametrize("words", [4, 18, 40])
def test_a_value_its_heading_and_its_strip_stay_together(words: int) -> None:
    cut = [encoded(Image.new("RGB", (900, 150), (250, 250, 20 * n))) for n in range(12)]
    line = "word " * words
    told = [value(Fact(f"value_{n}", "8", "ng/mL", 1, BOX, line), strip=n) for n in range(12)]
    groups = [Group(f"Group {n}", (one,)) for n, one in enumerate(told)]
    for page in pypdf.PdfReader(BytesIO(summary("C-TEST-0009", groups, cut))).pages:
        said = page.extract_text()
        assert said.count("ng/mL") == said.count("Group ") == len(page.images)


def red(strip: bytes) -> tuple[int, int, int, int] | None:
    """Where the frame stands."""
    with Image.open(BytesIO(strip)) as image:
        r, g, _ = image.convert("RGB").split()
        high, low = (
            r.point(lambda v: 255 if v > 150 else 0),
            g.point(lambda v: 255 if v < 90 else 0),
        )
        return Image.composite(high, Image.new("L", high.size, 0), low).getbbox()


# The black square of a marked page: a third of its width, a quarter of its height.
SQUARE = (0.0, 0.0, 1 / 3, 0.2)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_strip_shows_the_place_upright(turn: int) -> None:
    lying = marked().rotate(turn, expand=True)
    sheet = Sheet("image/jpeg", data=encoded(lying), text=Text((PageText(turn=turn),)))
    (strip,) = strips([sheet], [Wanted(0, 0, SQUARE)])
    with Image.open(BytesIO(strip)) as image:
        grey = image.convert("L")
        assert grey.getpixel((100, 60)) == pytest.approx(0, abs=30)
        assert grey.getpixel((1000, 60)) == pytest.approx(255, abs=30)
    frame = red(strip)
    assert frame
    assert frame[2] == pytest.approx(1100 / 3, abs=12)


def test_a_strip_of_a_pdf_comes_from_its_page() -> None:
    sheet = Sheet("application/pdf", data=report_pdf("blood", 2))
    # The titles, which name the page.
    title = (0.05, 0.03, 0.6, 0.055)
    first, second = strips([sheet], [Wanted(0, 0, title), Wanted(0, 1, title)])
    assert first != second
    assert red(first)


BAD = [
    pytest.param(Wanted(0, 5, BOX), id="no such page"),
    pytest.param(Wanted(0, 0, (0.1, 0.5, 0.4, 0.5)), id="a flat box"),
    pytest.param(Wanted(0, 0, (0.0, 0.0, 1.0, 1.0)), id="a whole page"),
    pytest.param(Wanted(0, 0, (0.5, 0.1, 0.4, 0.12)), id="a box inside out"),
]


@pytest.mark.parametrize("wanted", BAD)
def test_a_bad_place_has_no_strip(wanted: Wanted) -> None:
    sheet = Sheet("application/pdf", data=report_pdf("blood", 2))
    assert strips([sheet], [wanted]) == [b""]


def test_an_endless_strip_of_paper_has_no_strips() -> None:
    sheet = Sheet("image/jpeg", data=encoded(Image.new("RGB", (10, 20_000), "white")))
    assert strips([sheet], [Wanted(0, 0, BOX)]) == [b""]
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(3, 14_400))
        kept = BytesIO()
        pdf.save(kept)
    long = Sheet("application/pdf", data=kept.getvalue())
    assert strips([long], [Wanted(0, 0, BOX)]) == [b""]


def test_every_page_of_the_summary_says_what_it_is() -> None:
    sheet = Sheet("image/jpeg", data=photo("psa"))
    pictures = strips([sheet], [Wanted(0, 0, BOX)])
    pictures += strips(
        [sheet], [Wanted(0, 0, (0.1, 0.02 * n, 0.4, 0.02 * n + 0.01)) for n in range(2, 40)]
    )
    many = Group("PSA report(s)", tuple(value(strip=n) for n in range(39)))
    pdf = summary("C-TEST-0009", [many, Group("Blood", (value(HIGHER, "Blood"),))], pictures)
    pages = texts(pdf)
    assert len(pages) > 3
    assert all(page.startswith("MACHINE-READ, UNVERIFIED") for page in pages)
    assert "With more than one value" in pages[0]
    assert pdf == summary(
        "C-TEST-0009", [many, Group("Blood", (value(HIGHER, "Blood"),))], pictures
    )


def test_two_values_of_one_line_share_its_strip() -> None:
    sheet = Sheet("image/jpeg", data=photo("psa"))
    pictures = strips([sheet], [Wanted(0, 0, BOX)] * 2)
    assert pictures[0] == pictures[1]
    both = Group("PSA report(s)", (value(strip=0), value(HIGHER, strip=1)))
    with pikepdf.open(BytesIO(summary("C-TEST-0009", [both], pictures))) as pdf:
        assert len(pdf.pages[0].get_images()) == 1


def test_lines_in_other_scripts_are_written() -> None:
    told = value(Fact("diagnosis", "कैंसर", "", 1, BOX, "निदान: कैंसर, மார்பகம்"))
    (page,) = texts(summary("C-TEST-0009", [Group("Biopsy", (told,))], []))
    assert "diagnosis" in page


async def test_a_value_names_the_page_of_the_bound_pdf(tmp_path: Path) -> None:
    bench = Bench(tmp_path, reads=Reads(found))
    await bench.put("psa_report", photo("nothing read"))
    scan = Text((PageText(), read("PSA 8.4 ng/mL").pages[0]))
    second = await bench.put("psa_report", report_pdf("psa"), "application/pdf", text=scan)
    third = await bench.put("psa_report", photo("third"), text=read("PSA 9.1 ng/mL"))
    made = {one.role: one for one in await bind_case(bench, bench.case)}
    facts = json.loads(await bench.data(made["facts"]))["facts"]
    assert [(one["page"], one["value"], one["sha256"]) for one in facts] == [
        (3, "8.4", second.document),
        (4, "9.1", third.document),
    ]
    assert made["summary"].sources == made["facts"].sources
    words = " ".join(texts(await bench.data(made["summary"])))
    assert "PSA report(s), page 3, upper third" in words
    combined = texts(await bench.data(made["combined"]))
    assert "PSA 9.1 ng/mL" in combined[3]


async def test_read_but_no_value_known_still_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.put("psa_report", photo("one"), text=read("no value here"))
    made = {one.role: one for one in await bind_case(bench, bench.case)}
    assert json.loads(await bench.data(made["facts"]))["facts"] == []
    (page,) = texts(await bench.data(made["summary"]))
    assert "No value that the machine knows was found." in page


async def test_nothing_read_makes_no_summary(tmp_path: Path) -> None:
    bench = Bench(tmp_path, reads=Reads(found))
    await bench.put("psa_report", photo("one"))
    roles = [one.role for one in await bind_case(bench, bench.case)]
    assert roles == ["dossier", "combined"]


async def test_a_text_that_is_no_text_is_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path, reads=Reads(found))
    await bench.put("psa_report", photo("one"), text=b"{not json")
    roles = [one.role for one in await bind_case(bench, bench.case)]
    assert roles == ["dossier", "combined"]
