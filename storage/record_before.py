"""What the record holds already: remembered here, read back where that is not certain."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import record_sql as sql
from storage.cipher import SealedWrong
from storage.keyring import KeyErased
from storage.mailbox_log import Checkpoint
from storage.record_rows import as_json
from storage.record_shape import CaseShape, Shape

Cases = tuple[CaseShape, ...]
News = tuple[Checkpoint, Cases]
Open = Callable[[str, bytes], Awaitable[Shape]]


class Before:
    """The cases of each conversation as last recorded, for the busiest `room` of them."""

    def __init__(self, open_shape: Open, room: int = 2000) -> None:
        self._open, self._room = open_shape, room
        self._known: OrderedDict[str, tuple[int, Cases]] = OrderedDict()

    async def news(
        self, connection: AsyncConnection, checkpoints: Sequence[Checkpoint]
    ) -> list[News]:
        """Those newer than the record, with what it holds; their rows stay locked."""
        if not checkpoints:
            return []
        names = [each.conversation for each in checkpoints]
        revs = await pairs(connection, sql.LOCKED, names)
        newer = [each for each in checkpoints if each.rev > revs.get(each.conversation, -1)]
        names = [each.conversation for each in newer]
        cold = [n for n in names if n in revs and self._rev(n) != revs[n]]
        states = await pairs(connection, sql.STATES, cold) if cold else {}
        read = {name: await self._cases(name, sealed) for name, sealed in states.items()}
        return [(each, self._cases_of(each.conversation, revs, read)) for each in newer]

    def remember(self, written: Sequence[tuple[Checkpoint, Shape]]) -> None:
        """These are in the record now."""
        for checkpoint, shape in written:
            self._known[checkpoint.conversation] = checkpoint.rev, shape.cases
            self._known.move_to_end(checkpoint.conversation)
        while len(self._known) > self._room:
            self._known.popitem(last=False)

    def _rev(self, name: str) -> int:
        return self._known[name][0] if name in self._known else -1

    def _cases_of(self, name: str, revs: dict[str, int], read: dict[str, Cases]) -> Cases:
        if name not in revs:
            return ()
        return read[name] if name in read else self._known[name][1]

    async def _cases(self, name: str, sealed: bytes) -> Cases:
        try:
            return (await self._open(name, sealed)).cases
        except (KeyErased, SealedWrong):
            # Unknown, so all of it is written once more: harmless.
            return ()


async def pairs(connection: AsyncConnection, statement: str, names: list[str]) -> dict[str, Any]:
    """What a statement with two columns finds for these conversations."""
    found = await connection.exec_driver_sql(statement, (as_json(names),))
    rows: Sequence[Any] = found.all()
    return dict(rows)
