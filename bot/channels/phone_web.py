"""What the phone page calls: messages in, events out, files both ways."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels import Refused, Webhook
from bot.channels.phone import MAX_FILE, PHONE, Posted, Seen, cookie_name, decode
from bot.channels.phone_store import Card, Entry, TooBig
from bot.pages import page, static

if TYPE_CHECKING:
    from bot.channels.phone import Phone

MAX_JSON = 1_048_576
MAX_FORM = MAX_FILE * 10 + 1_000_000
QUIET_SECONDS = 15.0
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"})
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(phone: "Phone") -> list[Route]:
    """The routes of one Phone."""

    def route(
        path: str, work: "Callable[[Phone, Request], Awaitable[Response]]", verb: str
    ) -> Route:
        return Route(path, guarded(phone, work), methods=[verb])

    return [
        Route("/phone", opening(phone)),
        static("/phone"),
        route("/phone/messages", messages, "POST"),
        route("/phone/receipts", receipts, "POST"),
        route("/phone/events", events, "GET"),
        route("/phone/files/{ref}", file, "GET"),
    ]


def opening(phone: "Phone") -> Endpoint:
    """The page, with the cookie that lets it post."""

    async def endpoint(request: Request) -> Response:
        response = page("phone.html")
        response.set_cookie(
            cookie_name(str(request.url)),
            phone.token,
            path="/phone",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    return endpoint


def guarded(phone: "Phone", work: "Callable[[Phone, Request], Awaitable[Response]]") -> Endpoint:
    """Verify first, and answer what is refused with its status."""

    async def endpoint(request: Request) -> Response:
        try:
            phone.verify(Webhook(str(request.url), request.headers, b""))
            return await work(phone, request)
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except ClientDisconnect:
            return JSONResponse({"error": "gone"}, 400)

    return endpoint


async def messages(phone: "Phone", request: Request) -> Response:
    """Take messages; answered once they are kept in the mailbox."""
    posted = await read(phone, request)
    for message in posted:
        phone.parse(Webhook(str(request.url), request.headers, msgspec.json.encode(message)))
    for message in posted:
        await phone.accept(message)
    return JSONResponse({"ids": [message.id for message in posted]})


async def receipts(phone: "Phone", request: Request) -> Response:
    """Take how far Saathi's bubbles got."""
    seen = decode(await body(request, MAX_JSON), Seen)
    if seen.tick not in (2, 3) or not PHONE.fullmatch(seen.phone):
        raise Refused("malformed", 400)
    await phone.seen(seen)
    return Response(status_code=204)


async def events(phone: "Phone", request: Request) -> Response:
    """The chat as server-sent events, from the start or after the last one seen."""
    number = request.query_params.get("phone", "")
    after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not PHONE.fullmatch(number) or not after.isascii() or not after.isdigit():
        raise Refused("malformed", 400)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    frames = stream(phone, number, int(after))
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def file(phone: "Phone", request: Request) -> Response:
    """A file of either side; only kinds that cannot run script are shown in place."""
    ref = request.path_params["ref"]
    if not phone.store.has(ref):
        raise Refused("gone", 404)
    mime = request.query_params.get("type", "")
    shown = mime in SHOWN
    headers = {
        "Content-Disposition": "inline" if shown else "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "private, max-age=86400",
    }
    kind = mime if shown else "application/octet-stream"
    return StreamingResponse(phone.store.pieces(ref), media_type=kind, headers=headers)


async def stream(phone: "Phone", number: str, after: int) -> AsyncIterator[bytes]:
    """Frames: old bubbles, `ready`, then new ones; a beat when nothing happens."""
    chat = phone.chat(number)
    queue: asyncio.Queue[Entry | None] = asyncio.Queue()
    chat.pages.add(queue)
    try:
        yield b"retry: 1500\n\n"
        for entry in [entry for entry in chat.entries if entry.n > after]:
            yield frame(entry, chat.ticks.get(entry.id, 0))
        yield b"event: ready\ndata: {}\n\n"
        while not phone.closed:
            try:
                new = await asyncio.wait_for(queue.get(), QUIET_SECONDS)
            except TimeoutError:
                yield b"event: beat\ndata: {}\n\n"
                continue
            if new is None:
                return
            yield frame(new, 0)
    finally:
        chat.pages.discard(queue)


def frame(entry: Entry, tick: int) -> bytes:
    """One bubble as an event; its number is what a page resumes after."""
    data = msgspec.json.encode(msgspec.structs.replace(entry, tick=tick))
    return b"id: %d\nevent: bubble\ndata: %b\n\n" % (entry.n, data)


async def read(phone: "Phone", request: Request) -> list[Posted]:
    """The posted messages: one of JSON, or one for each file of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        posted = decode(await body(request, MAX_JSON), Posted)
        if posted.files:
            raise Refused("malformed", 400)
        return [posted]
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refused("length required", 411)
    if int(length) > MAX_FORM:
        raise Refused("too big", 413)
    try:
        async with request.form(max_files=10, max_fields=20) as form:
            return await split(phone, form)
    except (MultiPartException, HTTPException) as error:
        raise Refused("malformed", 400) from error


async def split(phone: "Phone", form: FormData) -> list[Posted]:
    """As the providers do it: an album is one message a file."""
    fields: dict[str, Any] = {k: v for k, v in form.items() if isinstance(v, str)}
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    number, first = fields.get("phone", ""), fields.get("id", "")
    if not files or not PHONE.fullmatch(number):
        raise Refused("malformed", 400)
    album = fields.get("album") or (first if len(files) > 1 else "")
    kept = []
    for place, upload in enumerate(files):
        card = await keep(phone, number, upload)
        own = {"id": f"{first}.{place}" if place else first, "album": album, "files": [card]}
        if place:
            own["text"] = ""
        kept.append(convert({"kind": kind_of(card.mime)} | fields | own))
    return kept


async def keep(phone: "Phone", number: str, upload: UploadFile) -> Card:
    """Keep one uploaded file."""

    async def parts() -> AsyncIterator[bytes]:
        while part := await upload.read(1 << 18):
            yield part

    if (upload.size or 0) > MAX_FILE:
        raise Refused("too big", 413)
    try:
        ref, size = await phone.store.keep(number, parts(), MAX_FILE)
    except TooBig as error:
        raise Refused("too big", 413) from error
    return Card(ref, (upload.filename or "")[:200], (upload.content_type or "")[:100], size)


def convert(fields: dict[str, Any]) -> Posted:
    """A form's fields as a message; numbers arrive as words."""
    try:
        return msgspec.convert(fields, Posted, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("malformed", 400) from error


def kind_of(mime: str) -> str:
    """The message kind of a file, as the providers name it."""
    first = mime.partition("/")[0]
    return {"image": "photo", "audio": "audio", "video": "video"}.get(first, "document")


async def body(request: Request, most: int) -> bytes:
    """A small body, never more than `most` bytes in memory."""
    held = b""
    async for part in request.stream():
        held += part
        if len(held) > most:
            raise Refused("too big", 413)
    return held
