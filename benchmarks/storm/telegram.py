"""A Telegram that delivers, and at times fails: refuses, loses, or takes without an answer."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "1234567890:AAstormstormstormstormstormstormstor"
SECRET = "storm-secret"
BOT = {"id": 42, "is_bot": True, "first_name": "Storm", "username": "storm_bot"}
LONGEST = 4096
# From Telegram's answer until Redis has it, with room for a busy machine.
NOTED = 0.1
KINDS = ("429", "500", "lost", "silent")


@dataclass(frozen=True)
class Bubble:
    """A message of the bot as the family sees it; `buttons` as (title, data)."""

    chat: int
    id: int
    text: str
    buttons: tuple[tuple[str, str], ...]
    at: float = field(default_factory=time.monotonic)


class Telegram:
    """The Bot API as far as Saathi uses it. `share` of all sends fails, in one of four ways."""

    def __init__(self, see: Callable[[Bubble], None], pages: Sequence[bytes], share: float) -> None:
        self._see, self._pages, self.share = see, pages, share
        # When the last byte of a file was on its way, by the file's id.
        self.handed_over: dict[str, float] = {}
        # Messages of both sides share one row of numbers, as with the real one.
        self.ids = itertools.count(1)
        self.delivered: dict[int, list[Bubble]] = {}
        self.faults = Counter[str]()
        self.url = self._hook = ""
        self._sending = 0
        self._answered = deque[float](maxlen=1000)

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/bot" + TOKEN + "/{method}", self._call)
        app.router.add_get("/file/bot" + TOKEN + "/{path:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Hang up."""
        await self._runner.cleanup()

    def under_way(self) -> int:
        """Sends that have come in, and whose answer can hardly be written down by now."""
        recent = time.monotonic() - NOTED
        return self._sending + sum(at > recent for at in self._answered)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        asked = await _fields(request)
        if method in ("sendMessage", "sendDocument"):
            self._sending += 1
            try:
                return await self._send(asked)
            finally:
                self._sending -= 1
                self._answered.append(time.monotonic())
        if method == "getFile":
            name = asked["file_id"]
            return _ok({"file_id": name, "file_unique_id": name, "file_path": f"photos/{name}.jpg"})
        if method == "getWebhookInfo":
            info = {"has_custom_certificate": False, "pending_update_count": 0}
            return _ok({"url": self._hook, **info})
        if method == "setWebhook":
            self._hook = str(asked.get("url", ""))
        return _ok(BOT if method == "getMe" else True)

    async def _send(self, asked: dict[str, Any]) -> web.StreamResponse:
        text = str(asked.get("text") or asked.get("caption") or "")
        if not 0 < len(text) <= LONGEST:
            return _error(400, "Bad Request: message text is empty or too long")
        fault = self._fault()
        if fault == "429":
            return _error(429, "Too Many Requests: retry after 1", {"retry_after": 1})
        if fault == "500":
            return _error(500, "Internal Server Error")
        if fault == "lost":
            await self._hang()
        bubble = self._deliver(asked, text)
        if fault == "silent":
            await self._hang()
        chat = {"id": bubble.chat, "type": "private", "first_name": "P"}
        return _ok({"message_id": bubble.id, "from": BOT, "date": 1, "chat": chat, "text": text})

    async def _hang(self) -> None:
        # Counted as a fault already: a kill now makes it no more than the one repeat.
        self._sending -= 1
        try:
            await asyncio.sleep(60)
        finally:
            self._sending += 1

    def _deliver(self, asked: dict[str, Any], text: str) -> Bubble:
        markup = asked.get("reply_markup") or {}
        markup = json.loads(markup) if isinstance(markup, str) else markup
        keys = [key for row in markup.get("inline_keyboard", []) for key in row]
        buttons = tuple((key["text"], key["callback_data"]) for key in keys)
        bubble = Bubble(int(asked["chat_id"]), next(self.ids), text, buttons)
        self.delivered.setdefault(bubble.chat, []).append(bubble)
        self._see(bubble)
        return bubble

    def _fault(self) -> str:
        if random.random() >= self.share:
            return ""
        kind = random.choice(KINDS)
        self.faults[kind] += 1
        return kind

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if self._fault():
            return _error(500, "Internal Server Error")
        path = request.match_info["path"]
        response = web.Response(body=self._pages[int(path[-5])], content_type="image/jpeg")
        await response.prepare(request)
        await response.write_eof()
        self.handed_over[path.rpartition("/")[2].removesuffix(".jpg")] = time.monotonic()
        return response


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    return {**request.query, **(await request.post())}


def _ok(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(code: int, text: str, more: dict[str, int] | None = None) -> web.Response:
    body = {"ok": False, "error_code": code, "description": text, "parameters": more or {}}
    return web.json_response(body, status=code)
