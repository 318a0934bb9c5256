"""A file read from afar is the file; little of it is held, and little is asked for."""

import io
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.found import Found
from bot.inspect_file import inspect
from bot.ranges import BLOCK, ROOM, RangeFile, far_file
from bot.workshop.here import Here
from bot.workshop.shop import Lost, Shop
from storage.documents import open_documents
from storage.documents_mime import HEAD, sniff
from tests.files import report_pdf
from tests.hostile.scans import deflated
from tests.scans import cd, scan
from tests.storage.test_documents import Keys, pieces

DATA = random.Random(3).randbytes(5 * BLOCK + 77)


def test_reads_and_seeks_as_a_file_does() -> None:
    chance, near = random.Random(5), io.BytesIO(DATA)
    far = far_file(len(DATA), lambda start, length: DATA[start : start + length])
    for _ in range(500):
        size = chance.choice([0, 1, 100, BLOCK, 3 * BLOCK, -1])
        assert far.read(size) == near.read(size)
        place = chance.randrange(len(DATA) + 10), 0
        back = -chance.randrange(len(DATA)), 2
        for offset, whence in chance.sample([place, back], 1):
            assert far.seek(offset, whence) == near.seek(offset, whence)


def test_only_some_blocks_are_held() -> None:
    asked: list[int] = []

    def ask(start: int, length: int) -> bytes:
        asked.append(start)
        return bytes(length)

    far = RangeFile(1000 * BLOCK, ask)
    tracemalloc.start()
    for number in range(1000):
        far.seek(number * BLOCK)
        far.read(10)
        far.seek(max(0, number - 5) * BLOCK)
        far.read(10)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert asked == [number * BLOCK for number in range(1000)]
    assert most < 2 * ROOM * BLOCK


def test_nothing_before_the_start() -> None:
    with pytest.raises(OSError, match="before"):
        RangeFile(10, lambda _, __: b"").seek(-1)


FILES: dict[str, Callable[[], bytes]] = {
    "pdf": lambda: report_pdf("A fictional report", 40),
    "cd with a table": lambda: cd(40),
    "cd without": lambda: cd(40, table=False),
    "one picture": lambda: scan("MR", size=512),
    "cut off": lambda: cd(40)[:-100],
    "unfolds": lambda: deflated(1_000_000_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
async def test_far_it_looks_as_it_does_here(name: str, tmp_path: Path) -> None:
    data = FILES[name]()
    documents = open_documents("", "", "", Keys(), tmp_path)
    kept = await documents.keep("case1", pieces(data, 10_000), len(data))
    far, shop = await documents.ranges("case1", kept.document), Shop(1)
    mime = sniff(data[:HEAD])
    seen = inspect(data, mime, 0)
    for place in (Here(), shop, shop):
        assert (await place.do_far(Found, "look_far", {"mime": mime}, far))[0] == seen
    made, files = await shop.do_far(bool, "scan_preview", {"mime": mime}, far)
    assert made == bool(files)
    await shop.close()


class Hungry:
    """A file of which one never gets enough."""

    size = 10 * BLOCK

    async def read(self, start: int, length: int) -> bytes:
        return bytes(length)


ASKS = """
import sys, msgspec
from bot.workshop.wire import Answer, line
while sys.stdin.buffer.readline():
    sys.stdout.buffer.write(line(Answer(needs=({start}, {length}))))
    sys.stdout.buffer.flush()
    sys.stdin.buffer.read({length})
    sys.stdout.buffer.write(line(Answer(msgspec.Raw(b'"fed"'))))
    sys.stdout.buffer.flush()
"""


@pytest.mark.parametrize(("length", "fed"), [(BLOCK, True), (BLOCK + 1, False)])
async def test_a_process_that_was_taken_over_cannot_ask_for_much(length: int, fed: bool) -> None:
    shop = Shop(1, program=("-c", ASKS.format(start=0, length=length)))
    try:
        if fed:
            assert (await shop.do_far(str, "x", {}, Hungry()))[0] == "fed"
        else:
            with pytest.raises(Lost):
                await shop.do_far(str, "x", {}, Hungry())
    finally:
        await shop.close()
