"""Files are worked on in processes of their own, which may be killed, hang or fill up."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Callable
from pkgutil import resolve_name
from typing import Any

import psutil
import pytest
from PIL import Image

from bot.found import Found
from bot.inspect_file import LOOKS, inspect
from bot.workshop import hand
from bot.workshop.here import Here
from bot.workshop.shop import Lost, Shop
from tests.files import photo

pytestmark = pytest.mark.slow
PAGE = photo("Biopsy report")

ANSWERS = """
import sys
from bot.workshop import hand
def echo(given, files):
    data = files[0]
    {then}
    return given["word"], [data[::-1]]
class Tasks(dict):
    def __missing__(self, name): return name
hand.resolve_name = lambda name: echo
hand.TASKS = Tasks()
hand.main()
"""

Opens = Callable[..., Shop]


@pytest.fixture
async def opens() -> AsyncIterator[Opens]:
    """Opens shops of any kind, with one process unless said otherwise, and closes them."""
    opened: list[Shop] = []

    def open_shop(many: int = 1, **more: Any) -> Shop:
        opened.append(Shop(many, **more))
        return opened[-1]

    yield open_shop
    for shop in opened:
        await shop.close()


@pytest.fixture
def shop(opens: Opens) -> Shop:
    return opens()


def program(then: str = "pass") -> tuple[str, str]:
    """A hand that does something first; answers what it was given, and the file reversed."""
    return "-c", ANSWERS.format(then=then)


def children() -> list[psutil.Process]:
    """The hands among our children; servers of other tests are some too."""
    known = ("bot.workshop.hand", "from bot.workshop import hand")
    return [
        each
        for each in psutil.Process().children()
        if any(name in " ".join(each.cmdline()) for name in known)
    ]


async def look(shop: Shop | Here, data: bytes, mime: str) -> Found:
    return (await shop.do(Found, "look", {"mime": mime, "tries": 0}, data))[0]


async def echo(shop: Shop, data: bytes, word: str = "") -> tuple[str, list[bytes]]:
    return await shop.do(str, "echo", {"word": word}, data)


@pytest.mark.parametrize("data", [PAGE, b"not a picture"])
async def test_it_sees_what_we_would_see(shop: Shop, data: bytes) -> None:
    wanted = inspect(data, "image/jpeg", 0)
    assert await look(shop, data, "image/jpeg") == await look(Here(), data, "image/jpeg") == wanted


async def test_files_come_back(opens: Opens) -> None:
    shop = opens(program=program())
    assert await echo(shop, b"abc" * 100_000, "ask") == ("ask", [b"cba" * 100_000])


async def test_one_process_works_again_and_again(shop: Shop) -> None:
    await look(shop, PAGE, "image/jpeg")
    (first,) = children()
    await look(shop, PAGE, "image/jpeg")
    assert children() == [first]


async def test_a_picture_that_unfolds_into_too_much_is_refused(shop: Shop) -> None:
    folded = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(folded, "PNG")
    assert await look(shop, folded.getvalue(), "image/png") == Found("refused", "too_big")


@pytest.mark.parametrize(
    "then", ["sys.exit(1)", "import os; os.abort()", "sys.__stdout__.buffer.write(b'?'); 1 / 0"]
)
async def test_a_file_that_ends_its_process(then: str, opens: Opens) -> None:
    shop = opens(program=program(f"if data == b'bad':\n        {then}"))
    with pytest.raises(Lost):
        await echo(shop, b"bad")
    assert (await echo(shop, b"good"))[1] == [b"doog"]


async def test_what_a_library_prints_is_no_answer(opens: Opens) -> None:
    shop = opens(program=program("print('warning')"))
    assert (await echo(shop, b"good"))[1] == [b"doog"]


async def test_a_file_that_takes_too_long(opens: Opens) -> None:
    shop = opens(longest=5.0, program=program("if data == b'bad': import time; time.sleep(60)"))
    await echo(shop, b"good")
    (slow,) = children()
    shop.longest = 0.2
    with pytest.raises(Lost):
        await echo(shop, b"bad")
    assert not slow.is_running()
    shop.longest = 5.0
    assert (await echo(shop, b"good"))[1] == [b"doog"]


async def test_a_file_that_fills_the_memory(opens: Opens) -> None:
    shop = opens(program=program("if data == b'bad': bytearray(4 * 1024**3)"))
    with pytest.raises(Lost):
        await echo(shop, b"bad")
    assert (await echo(shop, b"good"))[1] == [b"doog"]


async def test_killed_while_it_waits(shop: Shop) -> None:
    await look(shop, PAGE, "image/jpeg")
    (child,) = children()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert (await look(shop, PAGE, "image/jpeg")).verdict == "ok"


async def test_work_that_was_given_up_answers_no_other(opens: Opens) -> None:
    shop = opens(program=program("if data == b'slow': import time; time.sleep(0.5)"))
    await echo(shop, b"first")
    given_up = asyncio.ensure_future(echo(shop, b"slow"))
    await asyncio.sleep(0.1)
    given_up.cancel()
    assert await echo(shop, b"next", "n") == ("n", [b"txen"])


async def test_many_wait_for_few(opens: Opens) -> None:
    shop = opens(many=2, program=program())
    names = [f"page {n}" for n in range(20)]
    found = await asyncio.gather(*(echo(shop, b"", name) for name in names))
    assert [each[0] for each in found] == names
    assert len(children()) == 2
    await shop.close()
    assert not children()


async def test_it_knows_none_of_our_secrets(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAATHI_SECRET", "key")
    tells = opens(program=program("import os; data = str(sorted(os.environ)).encode()[::-1]"))
    assert b"SAATHI_SECRET" not in (await echo(tells, b""))[1][0]


async def test_background_work_steps_aside(opens: Opens) -> None:
    await look(opens(nice=10), PAGE, "image/jpeg")
    (child,) = children()
    assert child.nice() == 10


def test_every_task_can_be_found() -> None:
    for name in (*hand.TASKS.values(), *hand.FAR.values(), *LOOKS.values()):
        assert callable(resolve_name(name))
