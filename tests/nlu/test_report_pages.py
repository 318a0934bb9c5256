"""Whole pages as Indian hospitals print them: kind, name, date and facts."""

from collections.abc import Mapping
from typing import Any

import pytest

from flows.checklist import documents
from nlu.data import load
from nlu.report.facts import bare, facts_of
from nlu.report.kind import kind_of
from nlu.report.number import number_of
from nlu.report.when import date_of
from nlu.report.who import patient_of
from tests.nlu.report_pages import pages, typed

PAGES = [pytest.param(page, id=f"{at}-{page['kind']}") for at, page in enumerate(pages())]
Page = Mapping[str, Any]


@pytest.mark.parametrize("page", PAGES)
def test_kind(page: Page) -> None:
    assert kind_of([typed(page["page"])]).kind == page["kind"]


@pytest.mark.parametrize("page", PAGES)
def test_name(page: Page) -> None:
    assert patient_of([typed(page["page"])]) == page["name"]


@pytest.mark.parametrize("page", PAGES)
def test_date(page: Page) -> None:
    assert date_of([typed(page["page"])]) == page["date"]


@pytest.mark.parametrize("page", PAGES)
def test_facts(page: Page) -> None:
    found = {(each.name, bare(each.value), each.unit) for each in facts_of([typed(page["page"])])}
    told = {(name, value) for name, value, _ in found}
    assert {(name, bare(value), unit) for name, value, unit in page.get("facts", ())} <= found
    assert not {(name, bare(value)) for name, value in page.get("never", ())} & told


@pytest.mark.parametrize("page", PAGES)
def test_number(page: Page) -> None:
    assert number_of(typed(page["page"])) == (tuple(page["number"]) if "number" in page else None)


def test_every_kind_is_of_the_checklist() -> None:
    known = set(load("report/kinds.yml"))
    assert known <= set(documents())
    # A photo of a sore has no print to tell it by.
    assert set(documents()) - known == {"lesion_photo"}
    assert {page["kind"] for page in pages()} >= known - {"scan_images", "other_illness_record"}
