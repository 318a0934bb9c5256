"""From a link to a document that the chat knows of."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.uploads.rig import Rig, rig
from tests.files import report_pdf


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path) as found:
        yield found


async def test_a_file_becomes_a_document_that_the_chat_is_told_of(up: Rig) -> None:
    pdf = report_pdf("Discharge summary")
    address = await up.create(len(pdf))
    assert (await up.patch(address, 0, pdf)).headers["upload-offset"] == str(len(pdf))
    (told,) = await up.told()
    assert (told.slot, told.mime, told.verdict, told.pages) == (
        "scan_images", "application/pdf", "ok", 2,
    )  # fmt: skip
    assert await up.document(told) == pdf
    assert await up.offset(address) == len(pdf)
    assert not list((up.folder / "uploads").rglob("*.part"))
