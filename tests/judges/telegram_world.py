"""The state of one bot at the fake: chats, messages, files, calls, faults, waiting updates."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One call of the bot, as it came; `result` and `status` as it was answered."""

    method: str
    params: dict[str, Any]
    files: dict[str, int] = field(default_factory=dict)
    status: int = 0
    result: Any = None
    at: float = field(default_factory=time.time)
    inside_webhook: bool = False


@dataclass
class Fault:
    """What is to go wrong with the next `times` calls of `method` (`*`: any).

    `code`: refuse with it. `delay`: seconds. `drop`: cut the connection. `after`: do the
    work first, then misbehave. `cut`: break a download. `garbage`: answer with this text.
    """

    method: str = "*"
    times: int = 1
    code: int = 0
    text: str = ""
    retry_after: int = 0
    delay: float = 0.0
    drop: bool = False
    after: bool = False
    cut: bool = False
    garbage: str = ""


@dataclass
class File:
    """A file at Telegram."""

    data: bytes
    name: str
    mime: str
    path: str
    facts: dict[str, Any]


@dataclass
class World:
    """Everything that one bot can see."""

    token: str
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    queries: dict[str, bool] = field(default_factory=dict)
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    given: dict[int, dict[str, Any]] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    polls: int = 0
    per_second: int = 0
    sent_at: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.message_ids = itertools.count(1)
        self.update_ids = itertools.count(700_000_000)
        self.file_ids = itertools.count(1)

    @property
    def me(self) -> dict[str, Any]:
        """The bot as a user."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Saathi",
            "username": "saathi_test_bot",
        }

    def note(self, call: Call) -> Call:
        """Remember a call."""
        self.calls.append(call)
        return call

    def fault(self, method: str) -> Fault | None:
        """The fault that this call is to meet."""
        for fault in self.faults:
            if fault.times > 0 and fault.method in (method, "*"):
                fault.times -= 1
                return fault
        return None

    def person(self, chat: int) -> dict[str, Any]:
        """Somebody who has pressed start; made known to the bot if new."""
        known = {"id": chat, "is_bot": False, "first_name": "Asha", "language_code": "hi"}
        return self.people.setdefault(chat, known)

    def chat(self, chat: int) -> dict[str, Any]:
        """The private chat with a person."""
        return {"id": chat, "type": "private", "first_name": self.person(chat)["first_name"]}

    def keep(self, chat: int, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        """A new message in a chat."""
        message = {
            "message_id": next(self.message_ids),
            "from": sender,
            "chat": self.chat(chat),
            "date": int(time.time()),
            **content,
        }
        self.messages[chat, message["message_id"]] = message
        return message

    def store(self, data: bytes, name: str, mime: str) -> File:
        """A new file."""
        number = next(self.file_ids)
        facts = {"file_id": f"F{number:06d}", "file_unique_id": f"U{number:06d}"}
        folder = "photos" if mime == "image/jpeg" and not name else "documents"
        path = f"{folder}/file_{number}"
        file = File(data, name, mime, path, {**facts, "file_size": len(data)})
        self.files[file.facts["file_id"]] = file
        return file

    def by_path(self, path: str) -> File | None:
        """The file behind a path of `getFile`."""
        return next((file for file in self.files.values() if file.path == path), None)


WORLDS: dict[str, World] = {}
_numbers = itertools.count(100_000)


def new_world() -> World:
    """A bot nobody has spoken to yet."""
    world = World(f"{next(_numbers)}:TEST-{'s' * 30}")
    WORLDS[world.token] = world
    return world
