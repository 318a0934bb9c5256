"""Uploads under way survive a cut at any byte, and give nothing away on the disk."""

import os
import random
import signal
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.messages import Address
from storage.cipher import SealedWrong, new_key
from storage.partial_file import FRAME, SLOT, Busy, PartialFile
from storage.partials import Partials, Ticket, new_id, read
from tests.storage.test_documents import Keys

KEY = new_key()
ASHA = Address("whatsapp", "IN.fictional1")
DATA = random.Random(7).randbytes(3 * FRAME + 1234)


def held(path: Path) -> PartialFile:
    return PartialFile(path, KEY, "one")


def whole(path: Path) -> bytes:
    with closing(held(path)) as file:
        return b"".join(file.pieces())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.part"


def filled(path: Path, data: bytes = DATA) -> None:
    with closing(held(path)) as file:
        file.append(data)
        file.flush()


@pytest.mark.parametrize("step", [1000, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME])
def test_what_is_added_in_steps_is_whole(path: Path, step: int) -> None:
    for at in range(0, len(DATA), step):
        with closing(held(path)) as file:
            assert file.offset == at
            file.append(DATA[at : at + step])
            file.flush()
    assert whole(path) == DATA
    assert DATA[:32] not in path.read_bytes()


@pytest.mark.parametrize("cut", [1, 29, 30, SLOT - 1, SLOT, SLOT + 5, 2 * SLOT, 3 * SLOT + 700])
def test_torn_by_a_power_cut_it_is_gone_on_with(path: Path, cut: int) -> None:
    filled(path)
    with path.open("r+b") as torn:
        torn.truncate(cut)
    with closing(held(path)) as file:
        assert file.offset == cut // SLOT * FRAME
        file.append(DATA[file.offset :])
        file.flush()
    assert whole(path) == DATA


def test_a_frame_half_written_over_the_last_one_is_forgotten(path: Path) -> None:
    filled(path)
    with path.open("r+b") as torn:
        torn.seek(2 * SLOT)
        torn.write(bytes(100))
        torn.truncate(3 * SLOT)
    with closing(held(path)) as file:
        assert file.offset == 2 * FRAME


@pytest.mark.parametrize("back", [0, 5, FRAME, FRAME + 9, 3 * FRAME + 1000])
def test_bytes_that_were_wrong_are_taken_back(path: Path, back: int) -> None:
    filled(path, DATA[:back])
    with closing(held(path)) as file:
        file.append(b"x" * (2 * FRAME))
        file.rewind(back)
        file.flush()
        assert file.offset == back
        file.append(DATA[back:])
        file.flush()
    assert whole(path) == DATA
    assert path.stat().st_size == 3 * SLOT + len(DATA) - 3 * FRAME + SLOT - FRAME


def test_killed_while_it_writes_what_was_safe_before_stays(path: Path) -> None:
    filled(path, DATA[:1000])
    if not (child := os.fork()):
        held(path).append(DATA[1000:200_000])
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    with closing(held(path)) as file:
        assert file.offset == 200_000 // FRAME * FRAME
        assert b"".join(file.pieces()) == DATA[: file.offset]


def test_one_writes_at_a_time(path: Path) -> None:
    with closing(held(path)), pytest.raises(Busy):
        held(path)
    held(path).close()


def test_another_key_or_another_upload_reads_nothing(path: Path) -> None:
    filled(path)
    for key, place in ((new_key(), "one"), (KEY, "two")):
        with closing(PartialFile(path, key, place)) as file:
            assert file.offset == 0
            with pytest.raises(SealedWrong):
                file._frame(0)


@pytest.fixture
def partials(tmp_path: Path) -> Partials:
    return Partials(tmp_path, new_key(), Keys())


def ticket(case: str = "case1", **more: object) -> Ticket:
    told = {"slot": "scan_images", "length": 10, "until": datetime(2026, 11, 25, tzinfo=UTC)}
    return Ticket(new_id(), ASHA, case, **{**told, **more})  # type: ignore[arg-type]


async def test_a_ticket_is_found_in_its_case_alone(partials: Partials, tmp_path: Path) -> None:
    kept, other = ticket(), ticket("case2")
    for each in (kept, other):
        await partials.put(each)
    assert await partials.get("case1", kept.id) == kept
    assert await partials.get("case2", kept.id) is None
    assert await partials.of("case1") == [kept]
    assert {each.id for each in await partials.of()} == {kept.id, other.id}
    on_disk = b"".join(each.read_bytes() for each in tmp_path.rglob("*.ticket"))
    assert ASHA.id.encode() not in on_disk


@pytest.mark.parametrize("name", ["../case2/x", "", "a/b", ".", "a" * 65])
async def test_no_name_leads_out_of_the_folder(partials: Partials, name: str) -> None:
    assert await partials.get("case1", name) is None
    assert await partials.get(name, "x") is None


async def test_a_ticket_put_in_place_of_another_is_none(partials: Partials, tmp_path: Path) -> None:
    first, second = ticket(), ticket()
    for each in (first, second):
        await partials.put(each)
    folder = tmp_path / "case1"
    (folder / f"{first.id}.ticket").replace(folder / f"{second.id}.ticket")
    assert await partials.get("case1", second.id) is None


async def test_settled_its_bytes_are_gone_and_its_ticket_tells_why(partials: Partials) -> None:
    kept = ticket()
    await partials.put(kept)
    with closing(await partials.open(kept)) as file:
        file.append(b"0123456789")
        file.flush()
        assert b"".join([piece async for piece in read(file)]) == b"0123456789"
    await partials.settle(kept, "kept")
    (left,) = await partials.of("case1")
    assert left.state == "kept"
    with closing(await partials.open(kept)) as file:
        assert file.offset == 0
    await partials.remove(kept)
    await partials.remove(kept)
    assert await partials.of() == []
