"""A strict Telegram for tests: one child process for each pytest worker, a bot for each test.

It runs in an environment of its own (`make setup` builds it): its judge, aiogram, needs
other versions than Saathi does.
"""

import asyncio
import atexit
import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.settings import Telegram as TelegramSettings

ROOT = Path(__file__).parent.parent
SECRET = "a-secret_of-the-webhook"


@dataclass(frozen=True)
class Done:
    """What became of something that a person did."""

    update_id: int
    message_id: int
    status: int
    dropped: bool


@dataclass(frozen=True)
class Call:
    """One call of the bot, refused ones too (`status`)."""

    method: str
    params: dict[str, Any]
    files: dict[str, int]
    status: int
    result: Any = None
    at: float = 0.0
    inside_webhook: bool = False


@dataclass(frozen=True)
class Photo:
    """A file to send: `size` zeros, or `data`."""

    data: bytes = b""
    name: str = "photo.jpg"
    mime: str = "image/jpeg"
    size: int = 0


@dataclass(frozen=True)
class State:
    """What the fake knows."""

    messages: list[dict[str, Any]]
    calls: list[Call]
    unanswered: list[str]
    waiting: list[int]
    webhook: dict[str, Any] = field(default_factory=dict)


def judges_python() -> Path:
    """The interpreter of the judges' environment; SAATHI_JUDGES_PYTHON names another."""
    return Path(os.environ.get("SAATHI_JUDGES_PYTHON", ROOT / ".venv-judges/bin/python"))


@cache
def server() -> str:
    """The address of this process's fake; started at first use, gone with the process."""
    python = judges_python()
    if not python.exists():
        missing = f"{python} is missing: run `make setup`"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    script = ROOT / "tests/judges/telegram_fake.py"
    child = subprocess.Popen([python, script], stdout=subprocess.PIPE, text=True)
    atexit.register(child.kill)
    assert child.stdout
    return child.stdout.readline().strip()


@asynccontextmanager
async def fake_telegram() -> AsyncIterator["FakeTelegram"]:
    """A bot that nobody has spoken to yet."""
    url = await asyncio.to_thread(server)
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/sim/new") as response:
            made = await response.json()
        yield FakeTelegram(url, made["token"], made["username"], session)


class FakeTelegram:
    """Telegram as one bot sees it, and the people who write to it."""

    def __init__(self, url: str, token: str, username: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.token = token
        self.username = username
        self._http = http

    def settings(self, secret: str = SECRET) -> TelegramSettings:
        """The settings that lead a bot here."""
        token, hidden = SecretStr(self.token), SecretStr(secret)
        return TelegramSettings(token=token, secret=hidden, api_url=self.url, mode="webhook")

    # What people do.

    async def meet(self, chat: int) -> None:
        """This person has pressed start some time ago."""
        await self._ask("meet", chat=chat)

    async def text(self, chat: int, text: str, **more: Any) -> Done:
        """Write. `lang`: the language of the person's app; `reply_to`: a message."""
        return await self._do("text", chat=chat, text=text, **more)

    async def tap(self, chat: int, button: str, message_id: int = 0) -> Done:
        """Press a button, by its title or its id; on the newest message that shows it."""
        return await self._do("tap", chat=chat, button=button, message_id=message_id)

    async def photo(self, chat: int, photo: Photo = Photo(size=5000), **more: Any) -> Done:
        """Send a photo."""
        return await self._file("photo", chat, photo, **more)

    async def document(self, chat: int, file: Photo, **more: Any) -> Done:
        """Send a file."""
        return await self._file("document", chat, file, **more)

    async def album(self, chat: int, photos: list[Photo], album: str = "A1") -> list[Done]:
        """Send several photos at once: one update for each."""
        return [await self.photo(chat, photo, media_group_id=album) for photo in photos]

    async def voice(self, chat: int) -> Done:
        """Send a voice message."""
        return await self._do("voice", chat=chat)

    async def sticker(self, chat: int) -> Done:
        """Send a sticker."""
        return await self._do("sticker", chat=chat)

    async def location(self, chat: int) -> Done:
        """Send where one is."""
        return await self._do("location", chat=chat)

    async def contact(self, chat: int, phone: str, owner: int = 0) -> Done:
        """Share a card; the person's own, unless `owner` is somebody else."""
        return await self._do("contact", chat=chat, phone=phone, owner=owner or chat)

    async def edit(self, chat: int, message_id: int, text: str) -> Done:
        """Change a message."""
        return await self._do("edit", chat=chat, message_id=message_id, text=text)

    async def block(self, chat: int) -> Done:
        """Shut the bot out."""
        return await self._do("block", chat=chat)

    async def unblock(self, chat: int) -> Done:
        """Let the bot in again."""
        return await self._do("unblock", chat=chat)

    # What tests turn.

    async def fault(self, method: str = "*", **what: Any) -> None:
        """Make the next calls go wrong: see `Fault` in tests/judges/telegram_world.py."""
        await self._ask("fault", method=method, **what)

    async def at_most(self, per_second: int) -> None:
        """Answer 429 to more messages than these in any second."""
        await self._ask("speed", per_second=per_second)

    async def again(self, update_id: int) -> Done:
        """Deliver an update once more."""
        return await self._do("again", update_id=update_id)

    # What tests read.

    async def state(self) -> State:
        """Everything."""
        found = await self._ask("state")
        calls = [Call(**call) for call in found.pop("calls")]
        return State(calls=calls, **found)

    async def calls(self, *methods: str) -> list[Call]:
        """The bot's calls, all or of some methods."""
        return [c for c in (await self.state()).calls if not methods or c.method in methods]

    async def transcript(self, chat: int) -> list[dict[str, Any]]:
        """Both sides of a chat, oldest first."""
        return [m for m in (await self.state()).messages if m["chat"]["id"] == chat]

    async def heard(self, chat: int) -> list[str]:
        """The texts that reached a person."""
        said = [m for m in await self.transcript(chat) if m["from"]["is_bot"]]
        return [m.get("text") or m.get("caption", "") for m in said]

    async def repeated(self) -> list[tuple[int, str]]:
        """What reached somebody more than once: (chat, text)."""
        said = [m for m in (await self.state()).messages if m["from"]["is_bot"]]
        counted = Counter((m["chat"]["id"], m.get("text") or m.get("caption", "")) for m in said)
        return [what for what, times in counted.items() if times > 1]

    async def content(self, file_id: str) -> tuple[str, bytes]:
        """The name and bytes of a file at Telegram."""
        found = await self._ask("bytes", file_id=file_id)
        return found["name"], bytes.fromhex(found["hex"])

    async def until(self, true: Callable[[State], bool], seconds: float = 10.0) -> State:
        """Wait until something holds."""
        async with asyncio.timeout(seconds):
            while not true(state := await self.state()):
                await asyncio.sleep(0.05)
        return state

    async def _file(self, kind: str, chat: int, file: Photo, **more: Any) -> Done:
        if not file.data:
            return await self._do(kind, chat=chat, size=file.size or 1000, **more)
        form = aiohttp.FormData(quote_fields=False)
        for name, value in {"chat": chat, **more}.items():
            form.add_field(name, str(value))
        form.add_field("file", file.data, filename=file.name, content_type=file.mime)
        return _done(await self._post(kind, data=form))

    async def _do(self, action: str, **params: Any) -> Done:
        return _done(await self._ask(action, **params))

    async def _ask(self, action: str, **params: Any) -> Any:
        return await self._post(action, json=params)

    async def _post(self, action: str, **body: Any) -> Any:
        async with self._http.post(f"{self.url}/sim/{self.token}/{action}", **body) as response:
            assert response.status == 200, await response.text()
            return await response.json()


def _done(found: dict[str, Any]) -> Done:
    update = found["update"]
    body = next(value for key, value in update.items() if key != "update_id")
    message = body.get("message", body)
    number = message.get("message_id", 0)
    return Done(update["update_id"], number, found.get("status", 0), found.get("dropped", False))
