"""What a storm left behind: the record, the review backend and the phones against each other."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.storm.family import Family
from benchmarks.storm.post import Post
from benchmarks.storm.telegram import Telegram
from bot.app import App
from flows.messages import Address
from storage.mailbox_wire import conversation_id

ACCEPTED = "SELECT conversation_id, id, provider_id FROM messages WHERE direction = %s"


@dataclass
class Counts:
    """The figures; all but the last two must be 0."""

    lost: int = 0
    wrong: int = 0
    cases_doubled: int = 0
    stuck: int = 0
    missing: int = 0
    replies_twice: int = 0
    p95_ms: int = 0

    def __str__(self) -> str:
        return " ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, wrong, doubled, stuck or missing."""
        return not (self.lost or self.wrong or self.cases_doubled or self.stuck or self.missing)


@dataclass
class Judge:
    """Counts; `notes` say what was found where, for whoever must mend it."""

    app: App
    backend: Path
    families: list[Family]
    telegram: Telegram
    post: Post

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.counts = Counts()
        index = self.app.mailbox._index_key
        self.names = {
            family.chat: conversation_id(index, Address("telegram", str(family.chat)))
            for family in self.families
        }

    async def judge(self) -> Counts:
        """All of it."""
        await self._messages()
        await self._cases()
        waits = sorted(self.families[0].world.waits)
        self.counts.p95_ms = round(1000 * waits[int(len(waits) * 0.95)]) if waits else 0
        self.counts.missing += self.families[0].world.counts["unanswered"]
        return self.counts

    async def _messages(self) -> None:
        heard, sent = await self._rows("in"), await self._rows("out")
        for chat, name in self.names.items():
            taken = {str(update) for update in self.post.acknowledged.get(chat, ())}
            if lost := taken - set(heard.get(name, {})):
                self._note("lost", len(lost), f"{name} messages {sorted(lost)}")
            delivered = {str(each.id) for each in self.telegram.delivered.get(chat, ())}
            recorded = {one for one in sent.get(name, {}).values() if one}
            if missing := recorded - delivered:
                self._note("missing", len(missing), f"{name} replies {sorted(missing)}")
            if unsent := [one for one, provider in sent.get(name, {}).items() if not provider]:
                self._note("missing", len(unsent), f"{name} never sent {unsent}")
            self.counts.replies_twice += len(delivered - recorded)

    async def _rows(self, direction: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        async with self.app.engine.connect() as connection:
            for row in await connection.exec_driver_sql(ACCEPTED, (direction,)):
                found.setdefault(row[0], {})[row[1]] = row[2]
        return found

    async def _cases(self) -> None:
        arrived = self._at_backend()
        for family in self.families:
            if not family.done:
                self._note(
                    "stuck",
                    1,
                    f"family {family.number}: {family.seen[-1].text[-160:]!r}",
                )
                continue
            state = await self.app.records.restore(self.names[family.chat])
            cases = state.cases if state else ()
            if len(cases) != 1:
                self._note("cases_doubled" if cases else "lost", 1, f"family {family.number}")
                continue
            case = cases[0]
            if case.number not in arrived:
                self._note("lost", 1, f"case of family {family.number}")
            given = {name: answer.value for name, answer in case.answers.items()}
            given["pages"] = sum(len(pages) for pages in case.papers.values())
            if bad := {k: (v, given.get(k)) for k, v in family.said.items() if given.get(k) != v}:
                self._note("wrong", 1, f"family {family.number}: {bad}")
        if len(arrived) != len(set(arrived)):
            self._note("cases_doubled", len(arrived) - len(set(arrived)), "at the backend")

    def _at_backend(self) -> list[str]:
        files = (self.backend / "cases").glob("*.json")
        found: list[dict[str, Any]] = [json.loads(one.read_bytes()) for one in files]
        return [str(each["number"]) for each in found]

    def _note(self, what: str, many: int, text: str) -> None:
        setattr(self.counts, what, getattr(self.counts, what) + many)
        self.notes.append(f"{what}: {text}")
