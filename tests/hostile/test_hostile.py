"""Whatever is sent, it gets a verdict, and the next page is looked at as if nothing had been."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.eyes import Eyes
from bot.inspect_file import MOST_PAGES
from storage.documents_mime import HEAD, sniff
from tests.files import photo
from tests.hostile import papers, pictures
from tests.hostile.pictures import Case

CASES = [*pictures.CASES, *papers.PDFS, *papers.OTHERS]
REFUSED = {"unreadable", "empty", "too_big"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def eyes() -> AsyncIterator[Eyes]:
    opened = Eyes(many=1)
    yield opened
    await opened.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
async def test_a_hostile_file_gets_a_verdict(case: Case, eyes: Eyes) -> None:
    _, make, wanted = case
    data = make()
    found = await eyes.look(data, sniff(data[:HEAD]), 0)
    told = found.reason if found.verdict == "refused" else "taken"
    assert told in ({"taken", *REFUSED} if wanted == "either" else {wanted})
    assert found.pages <= MOST_PAGES
    assert (await eyes.look(photo("Next"), "image/jpeg", 0)).verdict == "ok"


def test_there_are_enough() -> None:
    assert len({name for name, _, _ in CASES}) == len(CASES) >= 40
