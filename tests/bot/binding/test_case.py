"""A case bound from its stored files: what is made, what is left out, what it costs."""

import tracemalloc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from bot.found import WORD
from bot.review.binding.case import bind_case
from bot.review.binding.fetch import LARGEST
from bot.review.binding.memory import Memory
from bot.review.binding.reads import Reads
from bot.review.derived import Derived
from bot.workshop.here import Here
from bot.workshop.shop import Lost, Shop
from nlu.report.page import PageText
from tests.bot.binding.bench import Bench, encoded, marked, read, texts
from tests.files import blurred, photo, report_pdf
from tests.scans import scan
from tests.words import word_file

pytestmark = pytest.mark.slow
PDF = "application/pdf"
T = TypeVar("T")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def roles(made: Sequence[Derived]) -> list[tuple[str, str]]:
    return [(one.role, one.slot) for one in made]


async def index(bench: Bench, made: Sequence[Derived]) -> str:
    """The words of the dossier's first page."""
    return " ".join(texts(await bench.data(made[0]))[0].split())


async def test_a_photo_or_several_files_are_combined_and_one_pdf_is_not(bench: Bench) -> None:
    await bench.put("blood_tests", report_pdf("one"), PDF)
    await bench.put("mammogram", photo("mammogram"))
    await bench.put("ct_report", report_pdf("first"), PDF)
    await bench.put("ct_report", report_pdf("second"), PDF)
    made = await bind_case(bench, bench.case)
    assert roles(made) == [("dossier", ""), ("combined", "ct_report"), ("combined", "mammogram")]
    assert [one.pages for one in made] == [8, 4, 1]
    assert {sha for _, sha in made[0].sources} == {
        paper.document for papers in bench.case.papers.values() for paper in papers
    }


async def test_the_mended_view_is_shown_not_the_photo(bench: Bench) -> None:
    view = encoded(marked())
    await bench.put("mammogram", blurred("mammogram"), view=view, text=read("mended words"))
    made = await bind_case(bench, bench.case)
    combined = await bench.data(made[1])
    assert view in combined
    assert "mended words" in texts(combined)[0]


async def test_a_word_file_is_bound_as_the_pdf_made_of_it(bench: Bench) -> None:
    await bench.put("oncologist_note", word_file(["A letter"]), WORD, view=report_pdf("letter"))
    made = await bind_case(bench, bench.case)
    assert made[0].pages == 3
    assert "letter, page 2 of 2" in texts(await bench.data(made[0]))[2]


async def test_what_cannot_be_bound_is_named(bench: Bench) -> None:
    await bench.put("biopsy_report", photo("good"))
    await bench.put("biopsy_report", b"%PDF-1.7 broken", PDF)
    await bench.put("oncologist_note", b"a letter", WORD)
    await bench.put("ct_report", report_pdf("ct")[:-400], PDF)
    await bench.put("scan_images", scan(), "application/dicom", view=encoded(marked()))
    await bench.put("psa_report", photo("psa"), verdict="accepted_with_flag")
    await bench.put("mri_report", photo("never mind"), verdict="refused")
    made = await bind_case(bench, bench.case)
    told = await index(bench, made)
    for words in (
        "Biopsy report - - - see original: cannot be opened",
        "damaged file, compare with the original",
        "see original: not a photo or PDF",
        "accepted although hard to read",
    ):
        assert words in told
    assert [one.pages for one in made if one.slot == "biopsy_report"] == [1]
    assert not [one for one in made if one.slot == "scan_images"]


async def test_a_file_too_large_is_listed_and_never_read(bench: Bench) -> None:
    paper = await bench.put("ct_report", report_pdf("ct"), PDF)
    huge = replace(paper, size=LARGEST + 1)
    made = await bind_case(bench, replace(bench.case, papers={"ct_report": (huge,)}))
    assert "see original: too large to be bound" in await index(bench, made)
    assert made[0].sources == ()


async def test_waived_documents_are_told(bench: Bench) -> None:
    await bench.put("mammogram", photo("mammogram"))
    waived = replace(bench.case, waivers={"pet_ct_report": "cannot_afford"})
    made = await bind_case(bench, waived)
    assert "Not available PET-CT report: Cannot afford" in await index(bench, made)


async def test_the_same_file_twice_is_one_page(bench: Bench) -> None:
    await bench.put("mammogram", photo("mammogram"))
    await bench.put("mammogram", photo("mammogram"))
    made = await bind_case(bench, bench.case)
    assert made[1].pages == 1


async def test_the_same_case_gives_the_same_files(bench: Bench) -> None:
    await bench.put("mammogram", photo("mammogram"), text=read("words"))
    await bench.put("blood_tests", report_pdf("blood"), PDF)
    first = await bind_case(bench, bench.case)
    bench.binding = Memory()
    assert await bind_case(bench, bench.case) == first


async def test_a_case_sent_again_is_not_bound_again(bench: Bench) -> None:
    await bench.put("mammogram", photo("mammogram"))
    first = await bind_case(bench, bench.case)
    bench.bindery = Dying("ready")
    assert await bind_case(bench, bench.case) == first
    await bench.put("mammogram", photo("another"))
    assert roles(await bind_case(bench, bench.case)) == [("dossier", "")]


def test_only_the_latest_cases_are_remembered(bench: Bench) -> None:
    for number in range(300):
        bench.binding.keep(replace(bench.case, id=f"case-{number}"), ())
    assert bench.binding.find(bench.case) is None
    assert bench.binding.find(replace(bench.case, id="case-99")) is None
    assert bench.binding.find(replace(bench.case, id="case-299")) == ()


async def test_a_machine_s_other_opinion_of_the_kind_is_a_remark(bench: Bench) -> None:
    kinds = {"CT of the chest": "ct_report", "mammography": "mammogram"}

    def kind(pages: Sequence[PageText]) -> str:
        return kinds.get(pages[0].lines[0].text, "")

    bench.reads = Reads(kind=kind)
    await bench.put("mammogram", photo("one"), text=read("CT of the chest"), dated="2026-01-01")
    await bench.put("mammogram", photo("two"), text=read("mammography"), dated="2026-01-02")
    told = await index(bench, await bind_case(bench, bench.case))
    assert told.count("a machine took it for: CT scan report; not confirmed") == 1
    assert "took it for: Mammogram" not in told


async def test_what_the_family_said_about_the_kind_is_no_doubt(bench: Bench) -> None:
    bench.reads = Reads(kind=lambda _: "ct_report")
    text = read("CT of the chest")
    await bench.put("mammogram", photo("one"), text=text, kind="mammogram")
    assert "took it for" not in await index(bench, await bind_case(bench, bench.case))


async def test_an_empty_case_makes_nothing(bench: Bench) -> None:
    assert await bind_case(bench, bench.case) == ()


async def test_a_lost_original_never_fails_the_case(bench: Bench) -> None:
    paper = await bench.put("mammogram", photo("mammogram"))
    await bench.documents.delete(bench.case.id, paper.document)
    assert await bind_case(bench, bench.case) == ()


class Dying(Here):
    """A workshop whose process ends at some tasks."""

    def __init__(self, *tasks: str) -> None:
        self.tasks = tasks

    async def do(
        self, kind: type[T], task: str, given: dict[str, Any], *files: bytes
    ) -> tuple[T, list[bytes]]:
        if task in self.tasks:
            raise Lost(task)
        return await super().do(kind, task, given, *files)


DEATHS = [
    pytest.param(["ready"], [("dossier", "")], id="each file alone"),
    pytest.param(["bind"], [("dossier", "")], id="the binding"),
    pytest.param(["dossier"], [("combined", "mammogram")], id="the dossier"),
]


@pytest.mark.parametrize(("tasks", "expected"), DEATHS)
async def test_what_ends_its_process_is_left_out(
    tmp_path: Path, tasks: list[str], expected: list[tuple[str, str]]
) -> None:
    bench = Bench(tmp_path, bindery=Dying(*tasks))
    await bench.put("mammogram", photo("mammogram"))
    assert roles(await bind_case(bench, bench.case)) == expected


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    found = Shop(1, 60.0, 2048)
    yield found
    await found.close()


async def test_in_a_process_of_its_own_the_files_are_the_same(tmp_path: Path, shop: Shop) -> None:
    bench = Bench(tmp_path)
    await bench.put("mammogram", photo("mammogram"), text=read("PSA 8.4 ng/mL", "सुनीता"))
    await bench.put("blood_tests", report_pdf("blood"), PDF)
    here = await bind_case(bench, bench.case)
    bench.bindery, bench.binding = shop, Memory()
    assert await bind_case(bench, bench.case) == here
    assert len(here) == 4


async def test_a_hundred_photos_fit_into_little_memory(tmp_path: Path, shop: Shop) -> None:
    bench = Bench(tmp_path, bindery=shop)
    slots = ("biopsy_report", "ct_report", "blood_tests", "discharge_summary")
    for number in range(100):
        await bench.put(slots[number % 4], photo(f"page {number}"))
    tracemalloc.start()
    made = await bind_case(bench, bench.case)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(one.pages for one in made) == 2 * 100 + 1
    # Every document's PDF waits for the dossier, which holds them all.
    assert most < 4 * made[0].size
