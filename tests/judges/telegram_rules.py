"""Telegram's rules that no model of types knows: lengths, sizes, speeds, who may be written to."""

import re
import time
from html.parser import HTMLParser
from typing import Any

from telegram_judge import Refusal
from telegram_world import World

TEXT, CAPTION, CALLBACK_DATA, ANSWER = 4096, 1024, 64, 200
BUTTONS, ROW = 100, 8
UPLOAD, PHOTO = 50 * 2**20, 10 * 2**20
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
PORTS = re.compile(r"https://[^/:]+(:(443|80|88|8443))?(/|$)|http://127\.0\.0\.1:\d+/")
TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"}
HARD_BUTTON = {"text", "style", "icon_custom_emoji_id"}


def check(world: World, method: str, params: dict[str, Any], files: dict[str, Any]) -> None:
    """Refuse what Telegram refuses."""
    _words(method, params)
    _keyboard(params.get("reply_markup") or {})
    _sizes(method, files)
    if "chat_id" in params:
        _may_write(world, int(params["chat_id"]))
    if method == "setWebhook":
        _webhook(params)
    if method.startswith("send"):
        _speed(world)


def utf16(text: str) -> int:
    """Length as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _bad(text: str) -> Refusal:
    return Refusal(400, f"Bad Request: {text}")


def _words(method: str, params: dict[str, Any]) -> None:
    text, caption = str(params.get("text") or ""), str(params.get("caption") or "")
    if method in ("sendMessage", "editMessageText") and not text.strip():
        raise _bad("message text is empty")
    longest = ANSWER if method == "answerCallbackQuery" else TEXT
    if utf16(text) > longest:
        raise _bad("message is too long")
    if utf16(caption) > CAPTION:
        raise _bad("message caption is too long")
    if mode := params.get("parse_mode"):
        _markup(text or caption, str(mode))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise _bad(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise _bad("can't parse entities: Unexpected end tag")


def _markup(text: str, mode: str) -> None:
    if mode.upper() != "HTML":
        raise Refusal(501, f"parse_mode {mode} is not in this fake")
    tags = _Tags()
    tags.feed(text)
    tags.close()
    if tags.open:
        raise _bad(f"can't parse entities: Can't find end tag corresponding to {tags.open[-1]}")


def _keyboard(markup: dict[str, Any]) -> None:
    if not isinstance(markup, dict):
        raise _bad("can't parse reply keyboard markup JSON object")
    rows = markup.get("inline_keyboard") or []
    if sum(map(len, rows)) > BUTTONS or any(len(row) > ROW for row in rows):
        raise _bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        _button(button)


def _button(button: dict[str, Any]) -> None:
    if not str(button.get("text") or "").strip():
        raise _bad("inline keyboard button text must be non-empty")
    if len(set(button) - HARD_BUTTON) != 1:
        raise _bad("Text buttons are unallowed in the inline keyboard")
    if (
        "callback_data" in button
        and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA
    ):
        raise _bad("BUTTON_DATA_INVALID")


def _sizes(method: str, files: dict[str, Any]) -> None:
    for file in files.values():
        if not file.data:
            raise _bad("file must be non-empty")
        if len(file.data) > UPLOAD:
            raise Refusal(413, "Request Entity Too Large")
        if method == "sendPhoto" and len(file.data) > PHOTO:
            raise _bad("PHOTO_INVALID_DIMENSIONS")


def _may_write(world: World, chat: int) -> None:
    if chat in world.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if chat not in world.people:
        raise _bad("chat not found")


def _webhook(params: dict[str, Any]) -> None:
    url, secret = str(params.get("url") or ""), params.get("secret_token")
    if url and not PORTS.match(url):
        raise _bad("bad webhook: HTTPS URL must be provided for webhook")
    if secret is not None and not SECRET.fullmatch(str(secret)):
        raise _bad("secret token contains unallowed characters")
    if not 1 <= int(params.get("max_connections") or 40) <= 100:
        raise _bad("max_connections is out of range")


def _speed(world: World) -> None:
    """At most `per_second` messages in any second, where a test sets it."""
    now = time.monotonic()
    world.sent_at = [at for at in world.sent_at if at > now - 1] + [now]
    if world.per_second and len(world.sent_at) > world.per_second:
        world.sent_at.pop()
        raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
