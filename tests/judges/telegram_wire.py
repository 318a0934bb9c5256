"""How a call's parameters come over HTTP: query, form, multipart or JSON."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from telegram_judge import Refusal

WORDS = ("text", "caption")


@dataclass
class Sent:
    """A file in a multipart body."""

    data: bytes
    name: str
    mime: str


async def parameters(request: web.Request) -> tuple[dict[str, Any], dict[str, Sent]]:
    """The parameters, JSON-encoded ones read, and the files."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, Sent] = {}
    if request.content_type == "application/json":
        return {**params, **await _json(request)}, files
    if request.content_type.startswith("multipart/"):
        await _multipart(request, params, files)
    elif request.can_read_body:
        params.update(await request.post())
    return {name: _value(name, value) for name, value in params.items()}, files


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        found = await request.json()
    except ValueError:
        raise Refusal(400, "Bad Request: can't parse JSON") from None
    if not isinstance(found, dict):
        raise Refusal(400, "Bad Request: parameters must be an object")
    return found


async def _multipart(request: web.Request, params: dict[str, Any], files: dict[str, Sent]) -> None:
    if request.content_length is None:
        raise Refusal(411, "Length Required")
    async for part in await request.multipart():
        name = str(part.name)
        if part.filename is None:
            params[name] = await part.text()
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            files[name] = Sent(bytes(await part.read()), part.filename, mime)


def _value(name: str, value: Any) -> Any:
    """Forms carry lists and objects as JSON; words stay words."""
    if name in WORDS or not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
