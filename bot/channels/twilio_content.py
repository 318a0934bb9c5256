"""Buttons and lists at Twilio: a resource for each shape, made once, filled at each send.

A resource holds placeholders only, never words: `{{1}}\\n\\n{{2}}` and two buttons is one
shape for every text of two paragraphs. Each line is its own variable, because WhatsApp
refuses line breaks inside one.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from bot.channels import Button, SendFailed
from bot.channels.twilio_errors import FAILURES, failed

VARIABLES = 100
VALUE = 1600
BREAKS = re.compile(r"[\n\r\t\v\f\x85\u2028\u2029]| {5}")
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class TemplateStore(Protocol):
    """Remembers Twilio's id of a resource: `content:…` ours, `template:…` approved ones."""

    async def get(self, key: str) -> str | None: ...
    async def put(self, key: str, sid: str) -> None: ...


@dataclass
class Filled:
    """A shape (`types`, placeholders only) and the words to fill it with."""

    kind: str
    types: dict[str, Any] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for every text of this shape."""
        shape = json.dumps(self.types, sort_keys=True).encode()
        return f"content:{self.kind}:{sha256(shape).hexdigest()[:16]}"

    def slot(self, words: str) -> str:
        """A new placeholder for these words."""
        name = str(len(self.values) + 1)
        self.values[name] = re.sub(r"[ \t]+", " ", words).strip()
        return "{{" + name + "}}"

    def lines(self, text: str) -> str:
        """A placeholder for each line that is not blank."""
        lines = text.strip().splitlines()
        return "\n".join(self.slot(line) if line.strip() else "" for line in lines)


def quick_reply(text: str, buttons: Sequence[Button]) -> Filled:
    """Up to three buttons under a text."""
    filled = Filled("quick-reply")
    body = filled.lines(text)
    actions = [
        {"type": "QUICK_REPLY", "title": filled.slot(button.title), "id": filled.slot(button.id)}
        for button in buttons
    ]
    filled.types["twilio/quick-reply"] = {"body": body, "actions": actions}
    return filled


def list_picker(text: str, title: str, buttons: Sequence[Button]) -> Filled:
    """Up to ten rows behind a button."""
    filled = Filled("list-picker")
    body, opener = filled.lines(text), filled.slot(title)
    items = [_row(filled, button) for button in buttons]
    filled.types["twilio/list-picker"] = {"body": body, "button": opener, "items": items}
    return filled


def _row(filled: Filled, button: Button) -> dict[str, str]:
    row = {"item": filled.slot(button.title), "id": filled.slot(button.id)}
    # An empty variable is refused, so a row without a description is another shape.
    return row | ({"description": filled.slot(button.about)} if button.about.strip() else {})


def check(values: Mapping[str, str], wanted: frozenset[str]) -> None:
    """Refuse here what would reach the person as a sample value, or not at all."""
    if set(values) != wanted or len(values) > VARIABLES:
        raise SendFailed("variables_missing", permanent=True)
    if any(not value.strip() or len(value) > VALUE for value in values.values()):
        raise SendFailed("variables_empty", permanent=True)
    if any(BREAKS.search(value) for value in values.values()):
        raise SendFailed("variables_multiline", permanent=True)


def _unmade(error: BaseException) -> SendFailed:
    # Also for 401 and 403: a key without rights to the Content API can still send text.
    status = getattr(error, "status", 500)
    if 400 <= status < 500 and status not in (408, 429):
        return SendFailed("content_refused", permanent=True)
    return failed(error)


class Contents:
    """Makes resources once, and remembers them here and in the store."""

    def __init__(self, client: Client, store: TemplateStore) -> None:
        self._client = client
        self._store = store
        self._known: dict[str, str] = {}
        self._wanted: dict[str, frozenset[str]] = {}
        self._making: dict[str, asyncio.Lock] = {}

    async def sid(self, filled: Filled, *, lost: str = "") -> str:
        """The resource of this shape; another one than `lost`, which Twilio has not."""
        check(filled.values, frozenset(filled.values))
        async with self._making.setdefault(filled.key, asyncio.Lock()):
            found = self._known.get(filled.key) or await self._store.get(filled.key)
            if not found or found == lost:
                found = await self._make(filled)
                await self._store.put(filled.key, found)
            self._known[filled.key] = found
            return found

    async def _make(self, filled: Filled) -> str:
        request = ContentList.ContentCreateRequest(
            {
                "friendly_name": "saathi " + filled.key,
                "language": "en",
                "variables": dict.fromkeys(filled.values, "sample"),
                "types": filled.types,
            }
        )
        try:
            made = await self._client.content.v1.contents.create_async(request)
        except FAILURES as error:
            raise _unmade(error) from None
        return str(made.sid)

    async def template(self, name: str, language: str) -> str:
        """The approved template in this language, or in English."""
        for key in (f"template:{name}:{language}", f"template:{name}:en"):
            if found := self._known.get(key) or await self._store.get(key):
                self._known[key] = found
                return found
        raise SendFailed("no_template", permanent=True)

    async def check_template(self, sid: str, values: Mapping[str, str]) -> None:
        """Raise SendFailed unless exactly the template's variables are given, with words."""
        if sid not in self._wanted:
            self._wanted[sid] = await self._variables(sid)
        check(values, self._wanted[sid])

    async def _variables(self, sid: str) -> frozenset[str]:
        try:
            content = await self._client.content.v1.contents(sid).fetch_async()
        except FAILURES as error:
            raise failed(error) from None
        named = PLACEHOLDER.findall(json.dumps(content.types or {}))
        return frozenset(named) | frozenset(content.variables or {})
