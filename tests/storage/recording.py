"""A talk to be recorded, and the mailbox's side of the record in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from flows.conversation import Case, Conversation, Given, Paper
from flows.effects import Effect, Line, Say, SubmitCase
from flows.messages import Address, AgentWrote, Delivery, Message, Update
from storage import mailbox_wire as wire
from storage.keyring import Keyring
from storage.mailbox_log import Checkpoint, LogEntry

MASTER = bytes(range(32))
START = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
ASHA = Address("whatsapp", "+919800000001", "whatsapp:+919800000001")  # fictional


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


class Boxes:
    """Dirty conversations, log and dead letters; remembers what was handed back."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.marked: dict[str, Checkpoint] = {}
        self.lines: list[LogEntry] = []
        self.letters: list[LogEntry] = []
        self.shown = 0

    async def commit(self, conversation: Conversation, rev: int) -> None:
        key = await self.keyring.key(wire.subject(conversation.id))
        sealed = wire.seal_state(key, conversation)
        self.marked[conversation.id] = Checkpoint(conversation.id, rev, sealed)

    async def heard(self, name: str, update: Update, at: datetime) -> None:
        key = await self.keyring.key(wire.subject(name))
        sealed = wire.seal_update(key, name, update)
        self.lines.append(LogEntry("in", update.id, name, at, wire.what(update), sealed=sealed))

    async def sent(self, name: str, number: int, effect: Effect, at: datetime) -> None:
        sealed = await self._parcel(name, effect)
        done = ("say", f"SM{number}", Delivery.ACCEPTED)
        self.lines.append(LogEntry("out", f"{name}.{number}", name, at, *done, sealed=sealed))

    async def gave_up(self, name: str, number: int, effect: Effect, at: datetime) -> None:
        sealed = await self._parcel(name, effect)
        end = ("submit_case", "", Delivery.FAILED, "503")
        self.letters.append(LogEntry("dead", f"{name}.{number}", name, at, *end, sealed=sealed))

    def receipt(self, name: str, number: int, how_far: Delivery, code: str = "") -> None:
        news = ("", f"SM{number}", how_far, code)
        self.lines.append(LogEntry("status", f"{name}.{number}", name, START, *news))

    async def dirty(self, limit: int) -> list[Checkpoint]:
        return list(self.marked.values())[:limit]

    async def clean(self, checkpoints: Sequence[Checkpoint]) -> None:
        for each in checkpoints:
            if self.marked.get(each.conversation) == each:
                del self.marked[each.conversation]

    async def log(self, limit: int) -> list[LogEntry]:
        return self.lines[:limit]

    async def trim_log(self, n: int) -> None:
        del self.lines[:n]

    async def dead(self, limit: int) -> list[LogEntry]:
        self.shown = min(limit, len(self.letters))
        return self.letters[:limit]

    async def bury(self) -> None:
        del self.letters[: self.shown]

    async def _parcel(self, name: str, effect: Effect) -> bytes:
        key = await self.keyring.key(wire.subject(name))
        return wire.seal_parcel(key, name, wire.Parcel(ASHA, effect))


def given(value: Any, minute: int = 0, how: str = "given", said: str = "") -> Given:
    return Given(value, START + timedelta(minutes=minute), how, said)


def paper(document: str, minute: int = 0, **other: Any) -> Paper:
    at = START + timedelta(minutes=minute)
    return Paper(document, "image/jpeg", 123_456, at=at, measures={"sharp": 0.9}, **other)


def asha(**of_case: Any) -> Conversation:
    """Meera, who writes for her mother Asha (both fictional)."""
    answers = {
        "consent_data": given(True, 1),
        "consent_panel": given(True, 2),
        "patient_agrees": given("no", 3),
        "patient_name": given("Asha Devi", 4, said="asha devi ji"),
        "cancer_type": given("breast", 5),
    }
    case = Case("case1", "K7M-2QX-94T", answers=answers)
    case = replace(case, **of_case)
    return Conversation("c0ffee01", ASHA, "seed", language="hi", step="sex", cases=(case,))


def other(number: int) -> Conversation:
    """One of many chats, each with a case of one answer."""
    case = Case(f"case-{number}", f"N-{number}", answers={"cancer_type": given("lung")})
    who = Address("telegram", str(number))
    return Conversation(f"{number:08x}", who, "seed", language="en", cases=(case,))


def with_answers(before: Conversation, **answers: Given) -> Conversation:
    case = before.cases[0]
    after = replace(case, answers={**case.answers, **answers})
    return replace(before, cases=(after,))


HELLO = Message("SMin1", ASHA, "My mother Asha has a lump")
QUESTION = Say((Line("intake.ask_sex"),), step="sex")
AGENT_ASKED = AgentWrote("A1", ASHA, "agent-1", "Is Asha at home?")
AGENT_SAID = Say((Line("", literal="Is Asha at home?"),), bot=False)
SUBMIT = SubmitCase("case1")


async def rows(engine: AsyncEngine, query: str) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(text(query))).all())
