"""The web process: webhooks in, pages and files out; it knows no provider."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bot import metrics
from bot.app import App
from bot.channels import Incoming, Refused, Webhook
from bot.health import ready
from bot.review import incoming
from flows.messages import Update
from storage.keyring import KeyErased

log = logging.getLogger(__name__)

CHANNELS = {"/telegram": "telegram", "/whatsapp": "whatsapp", "/whatsapp/status": "whatsapp"}
# An opinion comes with its PDF inside.
MOST_FROM_REVIEW = 64 * 1024 * 1024


Take = Callable[[Sequence[Update]], Awaitable[None]]


def web_app(
    app: App,
    take: Take,
    extra: list[BaseRoute],
    lifespan: Any = None,
) -> Starlette:
    """The routes of the web process; `take` keeps updates, `extra` are more pages."""
    routes = [
        *(
            Route(path, _Webhook(app, name, take), methods=["POST"])
            for path, name in CHANNELS.items()
            if name in app.channels
        ),
        Route("/review/events", _review(app), methods=["POST"]),
        Route("/files/{token}", _file(app)),
        Route("/health/live", _live),
        Route("/health/ready", _ready(app)),
        Route("/metrics", metrics.page(app)),
        *extra,
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={Refused: _refused})


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else 500
    log.info("webhook refused: %s %d", request.url.path, status)
    return PlainTextResponse("", status)


async def read(request: Request, most: int) -> bytes:
    """The body, at most so many bytes; Refused(413) beyond."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise Refused("too large", 413)
        parts.append(chunk)
    return b"".join(parts)


class _Webhook:
    """A channel's webhook, as an ASGI app: one layer less than a function has."""

    def __init__(self, app: App, name: str, take: Take) -> None:
        self.app, self.channel, self.take = app, app.channels[name], take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await self._taken(Request(scope, receive))
        await Response(found.answer, media_type=found.media_type)(scope, receive, send)

    async def _taken(self, request: Request) -> Incoming:
        # The provider signed the public address; behind the proxy request.url is another.
        query = request.scope["query_string"].decode("latin-1")
        address = self.app.public_url + request.scope["path"] + (f"?{query}" if query else "")
        body = await read(request, self.app.settings.web.max_body)
        webhook = Webhook(address, request.headers, body)
        self.channel.verify(webhook)
        found = self.channel.parse(webhook)
        await self.take(found.updates)
        return found


def _review(app: App) -> Any:
    async def events(request: Request) -> Response:
        headers = dict(request.headers)
        incoming.expect(app, headers)
        body = await read(request, MOST_FROM_REVIEW)
        await incoming.take(app, headers, body)
        return Response(status_code=204)

    return events


def _file(app: App) -> Any:
    async def file(request: Request) -> Response:
        found = await app.records.file(request.path_params["token"])
        if not found:
            return PlainTextResponse("This link has expired. Ask in the chat for a new one.", 404)
        try:
            size = await app.documents.size(found.case, found.document)
        except KeyErased:
            return PlainTextResponse("", 410)
        headers = {"Content-Length": str(size), "Cache-Control": "private, no-store"}
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Content-Disposition"] = f'inline; filename="{found.name}"'
        chunks = app.documents.read(found.case, found.document)
        return StreamingResponse(chunks, media_type=found.mime, headers=headers)

    return file


async def _live(request: Request) -> Response:
    return JSONResponse({"alive": True})


def _ready(app: App) -> Any:
    async def check(request: Request) -> Response:
        parts = await ready(app)
        return JSONResponse(parts, 200 if all(parts.values()) else 503)

    return check
