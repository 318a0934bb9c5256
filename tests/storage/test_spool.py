"""What Redis cannot take waits on disk: in order, encrypted, over the death of its process."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.messages import Address, Message, Update
from storage.spool import Spool

KEY = b"k" * 32
ASHA = Address("whatsapp", "in.asha", "+919800000001")  # fictional
RAVI = Address("telegram", "4711", "4711")  # fictional


def said(text: str, sender: Address = ASHA) -> Message:
    return Message(f"SM-{text}", sender, text)


class Mailbox:
    """Takes updates, but not those of people in `refused`."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused: set[str] = set()

    async def take(self, updates: Sequence[Update]) -> None:
        await asyncio.sleep(0)
        for update in updates:
            if update.sender.id in self.refused:
                raise ConnectionError("away")
            assert isinstance(update, Message)
            self.taken.append(update.text)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", KEY)


def files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "spool").iterdir())


async def test_it_comes_out_in_order_and_the_disk_is_empty_then(
    spool: Spool, mailbox: Mailbox, tmp_path: Path
) -> None:
    for n in range(5):
        await spool.keep([said(f"{n}"), said(f"{n}'", RAVI)])
    assert spool.holds([said("x")])
    assert await spool.drain(mailbox.take) == 0
    assert mailbox.taken == [f"{n}{mark}" for n in range(5) for mark in ("", "'")]
    assert not spool.holds([said("x")])
    assert files(tmp_path) == []


async def test_nothing_on_the_disk_can_be_read(spool: Spool, tmp_path: Path) -> None:
    await spool.keep([said("Asha Fictional")])
    [file] = files(tmp_path)
    stored = file.read_bytes() + file.name.encode()
    assert b"Asha" not in stored
    assert b"9800000001" not in stored


async def test_who_is_refused_keeps_the_order_and_holds_nobody_up(
    spool: Spool, mailbox: Mailbox
) -> None:
    mailbox.refused = {ASHA.id}
    for update in (said("1"), said("a", RAVI), said("2"), said("b", RAVI)):
        await spool.keep([update])
    assert await spool.drain(mailbox.take) == 2
    assert spool.holds([said("x")])
    assert not spool.holds([said("x", RAVI)])
    mailbox.refused = set()
    await spool.keep([said("3")])
    assert await spool.drain(mailbox.take) == 0
    assert mailbox.taken == ["a", "b", "1", "2", "3"]


async def test_what_comes_meanwhile_stands_behind(spool: Spool, mailbox: Mailbox) -> None:
    await spool.keep([said("1")])
    draining = asyncio.create_task(spool.drain(mailbox.take))
    await asyncio.sleep(0)
    await spool.keep([said("2")])
    await draining
    assert await spool.drain(mailbox.take) == 0
    assert mailbox.taken == ["1", "2"]


async def test_the_next_process_takes_over_what_a_dead_one_left(
    spool: Spool, mailbox: Mailbox, tmp_path: Path
) -> None:
    await spool.keep([said("1")])
    other = Spool(tmp_path / "spool", KEY)
    assert await other.drain(mailbox.take) == 0
    assert mailbox.taken == []  # it lives, and holds its file
    spool.close()
    await other.keep([said("2")])
    mailbox.refused = {ASHA.id}
    assert await other.drain(mailbox.take) == 2
    mailbox.refused = set()
    assert await other.drain(mailbox.take) == 0
    assert mailbox.taken == ["1", "2"]
    assert files(tmp_path) == []


async def test_what_was_half_written_was_never_acknowledged(
    spool: Spool, mailbox: Mailbox, tmp_path: Path
) -> None:
    await spool.keep([said("1")])
    await spool.keep([said("2")])
    spool.close()
    [file] = files(tmp_path)
    file.write_bytes(file.read_bytes()[:-5])
    assert await Spool(tmp_path / "spool", KEY).drain(mailbox.take) == 0
    assert mailbox.taken == ["1"]


async def test_another_master_key_holds_nothing_up(
    spool: Spool, mailbox: Mailbox, tmp_path: Path
) -> None:
    await spool.keep([said("1")])
    spool.close()
    other = Spool(tmp_path / "spool", b"o" * 32)
    await other.keep([said("2")])
    assert await other.drain(mailbox.take) == 0
    assert mailbox.taken == ["2"]
    assert await Spool(tmp_path / "spool", KEY).drain(mailbox.take) == 0
    assert mailbox.taken == ["2", "1"]
