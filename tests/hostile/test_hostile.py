"""Whatever is sent, it gets a verdict, and the next page is looked at as if nothing had been."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.found import Found
from bot.inspect_pdf import MOST_PAGES
from bot.workshop.shop import Lost, Shop
from storage.documents_mime import HEAD, sniff
from tests.files import photo
from tests.hostile import papers, pictures, scans
from tests.hostile.pictures import Case

pytestmark = pytest.mark.slow
CASES = [*pictures.CASES, *papers.PDFS, *papers.OTHERS, *scans.DICOMS, *scans.ZIPS]
REFUSED = {"unreadable", "empty", "too_big"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    opened = Shop(many=1)
    yield opened
    await opened.close()


async def look(shop: Shop, data: bytes) -> Found:
    """As papers are looked at."""
    given = {"mime": sniff(data[:HEAD]), "tries": 0}
    try:
        return (await shop.do(Found, "look", given, data))[0]
    except Lost:
        return Found("refused", "unreadable")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
async def test_a_hostile_file_gets_a_verdict(case: Case, shop: Shop) -> None:
    _, make, wanted = case
    data = make()
    found = await look(shop, data)
    told = found.reason if found.verdict == "refused" else "taken"
    assert told in ({"taken", *REFUSED} if wanted == "either" else {wanted})
    assert found.pages <= MOST_PAGES
    assert (await look(shop, photo("Next"))).verdict == "ok"


def test_there_are_enough() -> None:
    assert len({name for name, _, _ in CASES}) == len(CASES) >= 40
