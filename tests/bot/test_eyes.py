"""Files are looked at in a process of their own, which may be killed, hang or fill up."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import psutil
import pytest
from PIL import Image

from bot import eye
from bot.eyes import Eyes
from bot.inspect_file import Found, inspect
from tests.files import photo

PAGE = photo("Biopsy report")

LOST = Found("refused", "unreadable")
ANSWERS = """
import sys, msgspec
from bot.eye import Order
from bot.inspect_file import Found
for line in sys.stdin.buffer:
    data = sys.stdin.buffer.read(msgspec.json.decode(line, type=Order).size)
    {then}
    sys.stdout.buffer.write(msgspec.json.encode(Found("ok", data.decode())) + b"\\n")
    sys.stdout.buffer.flush()
"""


Opens = Callable[..., Eyes]


@pytest.fixture
async def opens() -> AsyncIterator[Opens]:
    """Opens eyes of any kind, one process unless said otherwise, and closes them."""
    opened: list[Eyes] = []

    def open_eyes(many: int = 1, **more: Any) -> Eyes:
        opened.append(Eyes(many, **more))
        return opened[-1]

    yield open_eyes
    for eyes in opened:
        await eyes.close()


@pytest.fixture
def eyes(opens: Opens) -> Eyes:
    return opens()


def program(then: str) -> tuple[str, str]:
    """An eye that does something first; answers what it was given."""
    return "-c", ANSWERS.format(then=then)


def children() -> list[psutil.Process]:
    """The eyes among our children; servers of other tests are some too."""
    return [each for each in psutil.Process().children() if "bot.eye" in " ".join(each.cmdline())]


async def test_it_sees_what_we_would_see(eyes: Eyes) -> None:
    for data, mime in ((PAGE, "image/jpeg"), (b"%PDF-1.4", "application/pdf")):
        assert await eyes.look(data, mime, 0) == inspect(data, mime, 0)


async def test_one_process_looks_again_and_again(eyes: Eyes) -> None:
    await eyes.look(PAGE, "image/jpeg", 0)
    (first,) = children()
    await eyes.look(PAGE, "image/jpeg", 0)
    assert children() == [first]


async def test_a_picture_that_unfolds_into_too_much_is_refused(eyes: Eyes) -> None:
    folded = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(folded, "PNG")
    assert await eyes.look(folded.getvalue(), "image/png", 0) == Found("refused", "too_big")


@pytest.mark.parametrize(
    "then", ["sys.exit(1)", "import os; os.abort()", "sys.stdout.buffer.write(b'?')"]
)
async def test_a_file_that_ends_its_process(then: str, opens: Opens) -> None:
    eyes = opens(program=program(f"if data == b'bad':\n        {then}"))
    assert await eyes.look(b"bad", "", 0) == LOST
    assert await eyes.look(b"good", "", 0) == Found("ok", "good")


async def test_a_file_that_takes_too_long(opens: Opens) -> None:
    hangs = program("if data == b'bad':\n        import time; time.sleep(60)")
    eyes = opens(longest=5.0, program=hangs)
    assert await eyes.look(b"good", "", 0) == Found("ok", "good")
    (slow,) = children()
    eyes._longest = 0.2
    assert await eyes.look(b"bad", "", 0) == LOST
    assert not slow.is_running()
    eyes._longest = 5.0
    assert await eyes.look(b"good", "", 0) == Found("ok", "good")


async def test_a_file_that_fills_the_memory(opens: Opens) -> None:
    fills = program("if data == b'bad':\n        bytearray(4 * 1024**3)")
    eyes = opens(program=("-c", f"from bot import eye\neye.limit()\n{fills[1]}"))
    assert await eyes.look(b"bad", "", 0) == LOST
    assert await eyes.look(b"good", "", 0) == Found("ok", "good")


async def test_killed_while_it_waits(eyes: Eyes) -> None:
    await eyes.look(PAGE, "image/jpeg", 0)
    (child,) = children()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert (await eyes.look(PAGE, "image/jpeg", 0)).verdict == "ok"


async def test_a_look_that_was_given_up_answers_no_other(opens: Opens) -> None:
    slow = program("if data == b'slow':\n        import time; time.sleep(0.5)")
    eyes = opens(program=slow)
    await eyes.look(b"first", "", 0)
    given_up = asyncio.ensure_future(eyes.look(b"slow", "", 0))
    await asyncio.sleep(0.1)
    given_up.cancel()
    assert await eyes.look(b"next", "", 0) == Found("ok", "next")


async def test_many_wait_for_few(opens: Opens) -> None:
    eyes = opens(many=2, program=program("pass"))
    names = [f"page {n}" for n in range(20)]
    found = await asyncio.gather(*(eyes.look(name.encode(), "", 0) for name in names))
    assert [each.reason for each in found] == names
    assert len(children()) == 2
    await eyes.close()
    assert not children()


async def test_it_knows_none_of_our_secrets(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAATHI_SECRET", "key")
    tells = program("import os; data = str(sorted(os.environ)).encode()")
    eyes = opens(program=tells)
    assert "SAATHI_SECRET" not in (await eyes.look(b"", "", 0)).reason


def test_a_page_as_large_as_we_take_fits() -> None:
    assert eye.MOST_MEMORY > 4 * 120_000_000
