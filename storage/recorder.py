"""Carries what Redis holds into PostgreSQL: in batches, again after any failure, never less."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from flows.data import table
from storage import record_sql as sql
from storage.cipher import SealedWrong
from storage.keyring import KeyErased, Keyring
from storage.mailbox_log import Checkpoint, LogEntry
from storage.mailbox_wire import subject
from storage.points import reach
from storage.record_before import Before, News, pairs
from storage.record_changes import Changes, changes
from storage.record_rows import Rows, as_json
from storage.record_seals import case_subject
from storage.record_shape import Shape, open_shape
from storage.tables import ErasureRow

TOGETHER = 16
Written = tuple[Checkpoint, Shape]


class Source(Protocol):
    """What the mailbox gives to the record, and takes back as recorded."""

    async def dirty(self, limit: int) -> list[Checkpoint]: ...

    async def clean(self, checkpoints: Sequence[Checkpoint]) -> None: ...

    async def log(self, limit: int) -> list[LogEntry]: ...

    async def trim_log(self, n: int) -> None: ...

    async def dead(self, limit: int) -> list[LogEntry]: ...

    async def bury(self) -> None: ...


class NotRecorded(Exception):
    """Some conversations could not be recorded; all others were, these are tried again."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        """`problems`: kinds of error by conversation."""
        super().__init__(", ".join(sorted(set(problems.values()))))
        self.conversations = frozenset(problems)


class Recorder:
    """Drains the mailbox into the record. Nothing leaves Redis before the database has it."""

    def __init__(
        self,
        source: Source,
        engine: AsyncEngine,
        keyring: Keyring,
        now: Callable[[], datetime],
        *,
        notice_version: str = str(table("safety")["notice"]["version"]),
        batch: int = 500,
    ) -> None:
        self._source, self._engine, self._keyring, self._now = source, engine, keyring, now
        self._notice_version, self._batch = notice_version, batch
        self._before = Before(self._open)
        # One at a time: the log is trimmed by counting from what was read last.
        self._lock = asyncio.Lock()

    async def once(self) -> int:
        """Record one batch; how many conversations and log lines it had."""
        async with self._lock:
            checkpoints = await self._source.dirty(self._batch)
            await self._record_checkpoints(checkpoints)
            return len(checkpoints) + await self._record_log()

    async def keep(self, conversation: str) -> None:
        """Record this conversation's newest state now, before something depends on it."""
        async with self._lock:
            while True:
                checkpoints = await self._source.dirty(self._batch)
                names = {each.conversation for each in checkpoints}
                try:
                    await self._record_checkpoints(checkpoints)
                except NotRecorded as failed:
                    if conversation in failed.conversations or names == failed.conversations:
                        raise
                if conversation in names or len(checkpoints) < self._batch:
                    return

    async def dead_letters(self) -> None:
        """Record the effects that were given up, each once."""
        async with self._lock:
            while entries := await self._source.dead(self._batch):
                await self._write([], entries)
                reach("dead.written")
                await self._source.bury()

    async def _record_log(self) -> int:
        entries = await self._source.log(4 * self._batch)
        if entries:
            await self._write([], entries)
            reach("log.written")
            await self._source.trim_log(len(entries))
        return len(entries)

    async def _record_checkpoints(self, checkpoints: list[Checkpoint]) -> None:
        if not checkpoints:
            return
        try:
            await self._write(checkpoints, [])
            reach("record.written")
            await self._source.clean(checkpoints)
        except (IntegrityError, DataError, SealedWrong):
            # One that the database refuses must not keep all others out.
            await self._one_by_one(checkpoints)

    async def _one_by_one(self, checkpoints: list[Checkpoint]) -> None:
        problems = dict[str, str]()
        for each in checkpoints:
            try:
                await self._write([each], [])
                await self._source.clean([each])
            except (IntegrityError, DataError, SealedWrong) as problem:
                if isinstance(problem, SealedWrong) and await self._erased(each.conversation):
                    # Sealed with the key that was put away: nobody may read it any more.
                    await self._source.clean([each])
                    continue
                problems[each.conversation] = type(problem).__name__
        if problems:
            raise NotRecorded(problems)

    async def _erased(self, conversation: str) -> bool:
        query = select(ErasureRow.request).where(ErasureRow.conversation_id == conversation)
        async with self._engine.connect() as connection:
            return (await connection.scalar(query.limit(1))) is not None

    async def _write(self, checkpoints: list[Checkpoint], entries: list[LogEntry]) -> None:
        rows = Rows(self._now(), self._notice_version)
        async with self._engine.begin() as connection:
            news = await self._before.news(connection, checkpoints)
            written = await self._add(rows, news)
            for entry in entries:
                rows.add_entry(entry)
            await self._keep_keys()
            for statement, many in rows.statements():
                await connection.exec_driver_sql(statement, (many,))
            await self._not_put_away(connection, written)
        self._before.remember(written)

    async def _not_put_away(self, connection: AsyncConnection, written: Sequence[Written]) -> None:
        # After the rows were written, and so locked: whoever locks the chat waits for them.
        names = [checkpoint.conversation for checkpoint, _ in written]
        for name, wrapped in (await pairs(connection, sql.KEYS_NOW, names)).items():
            if wrapped != (await self._keyring.pair(subject(name)))[1]:
                self._keyring.refresh(subject(name))
                raise SealedWrong("sealed with a key that was put away")

    async def _keep_keys(self) -> None:
        # Committed before the rows that they seal: a row without its key would be lost.
        while found := await self._keyring.new(self._batch):
            rows = [{"subject": name, "wrapped": wrapped} for name, wrapped in found]
            async with self._engine.begin() as connection:
                await connection.exec_driver_sql(sql.KEYS, (as_json(rows),))
            await self._keyring.kept([name for name, _ in found])

    async def _add(self, rows: Rows, news: Sequence[News]) -> list[Written]:
        written, cases = list[Written](), list[tuple[Shape, Changes]]()
        for checkpoint, before in news:
            if shape := await self._unless_erased(checkpoint):
                rows.add_conversation(checkpoint, shape)
                cases += [(shape, change) for change in changes(before, shape.cases)]
                written.append((checkpoint, shape))
        keys = await self._keys([change for _, change in cases if change.private])
        for shape, change in cases:
            if (key := keys.get(change.case.id, b"")) or not change.private:
                rows.add_changes(shape, change, key)
        return written

    async def _unless_erased(self, checkpoint: Checkpoint) -> Shape | None:
        try:
            return await self._open(checkpoint.conversation, checkpoint.sealed)
        except KeyErased:
            return None

    async def _keys(self, some: Sequence[Changes]) -> dict[str, bytes]:
        # New cases together: the record is asked for their keys in one query. The keys of
        # all others are mostly at hand, where a task for each would cost more than it saves.
        new = [change.case.id for change in some if change.itself]
        keys = {each.case.id: await self._key(each.case.id) for each in some if not each.itself}
        for start in range(0, len(new), TOGETHER):
            few = new[start : start + TOGETHER]
            found = await asyncio.gather(*(self._key(case) for case in few))
            keys.update(zip(few, found, strict=True))
        return {case: key for case, key in keys.items() if key}

    async def _key(self, case: str) -> bytes | None:
        try:
            return await self._keyring.key(case_subject(case))
        except KeyErased:
            return None

    async def _open(self, conversation: str, sealed: bytes) -> Shape:
        key = await self._keyring.key(subject(conversation))
        try:
            return open_shape(key, conversation, sealed)
        except SealedWrong:
            # Redis may have been emptied and the key made anew by another process.
            self._keyring.refresh(subject(conversation))
            key = await self._keyring.key(subject(conversation))
            return open_shape(key, conversation, sealed)
