"""The desk over HTTP: JSON first, the small page is its first user."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.desk.desk import LOGIN_LASTS, MOST_BYTES, Desk, NotAllowed
from bot.pages import page, static
from storage.desk import Agent
from storage.keyring import KeyErased

MAX_JSON = 65_536
CSRF = "X-Desk-Token"
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
Work = Callable[[Desk, Agent, Request], Awaitable[Response]]
Open = Callable[[Desk, Request], Awaitable[Response]]


def routes(desk: Desk) -> list[Route]:
    """The pages and the API of one Desk."""
    chat = "/desk/api/chats/{conversation}"
    return [
        Route("/desk", _page(desk)),
        Route("/desk/join", _plain_page),
        static("/desk"),
        Route("/desk/api/join", _open(desk, join), methods=["POST"]),
        Route("/desk/api/login", _open(desk, login), methods=["POST"]),
        Route("/desk/api/logout", _inside(desk, logout), methods=["POST"]),
        Route("/desk/api/me", _inside(desk, me)),
        Route("/desk/api/queue", _inside(desk, queue)),
        Route(chat, _inside(desk, show)),
        Route(f"{chat}/claim", _inside(desk, claim), methods=["POST"]),
        Route(f"{chat}/release", _inside(desk, release), methods=["POST"]),
        Route(f"{chat}/messages", _inside(desk, write), methods=["POST"]),
        Route(f"{chat}/files", _inside(desk, send_file), methods=["POST"]),
        Route(f"{chat}/files/{{case}}/{{document}}", _inside(desk, paper)),
    ]


async def join(desk: Desk, request: Request) -> Response:
    """Set the first password by an invitation."""
    given = await _fields(request, "token", "password")
    await desk.join(given["token"], given["password"])
    return _json({})


async def login(desk: Desk, request: Request) -> Response:
    """Open a session; its cookie is out of reach of any script."""
    given = await _fields(request, "login", "password")
    place = request.client.host if request.client else ""
    token = await desk.log_in(given["login"], given["password"], place)
    response = _json({"token": csrf(token)})
    response.set_cookie(
        _cookie(request),
        token,
        max_age=int(LOGIN_LASTS.total_seconds()),
        path="/desk",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


async def logout(desk: Desk, agent: Agent, request: Request) -> Response:
    """End the session."""
    await desk.log_out(_token(request))
    response = _json({})
    response.delete_cookie(_cookie(request), path="/desk")
    return response


async def me(desk: Desk, agent: Agent, request: Request) -> Response:
    """Who is logged in, and the token that every write must carry."""
    return _json({"name": agent.name, "token": csrf(_token(request))})


async def queue(desk: Desk, agent: Agent, request: Request) -> Response:
    """Who waits, urgent first."""
    return _json({"chats": await desk.queue(agent)})


async def show(desk: Desk, agent: Agent, request: Request) -> Response:
    """One chat."""
    return _json(await desk.chat(agent, _chat(request)))


async def claim(desk: Desk, agent: Agent, request: Request) -> Response:
    """Take a chat."""
    await desk.claim(agent, _chat(request))
    return _json({})


async def release(desk: Desk, agent: Agent, request: Request) -> Response:
    """Hand a chat back."""
    await desk.release(agent, _chat(request))
    return _json({})


async def write(desk: Desk, agent: Agent, request: Request) -> Response:
    """Say something."""
    given = await _fields(request, "id", "text")
    await desk.write(agent, _chat(request), given["id"], given["text"])
    return _json({}, 202)


async def send_file(desk: Desk, agent: Agent, request: Request) -> Response:
    """Send a file."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES + 100_000:
        raise NotAllowed("too_big", 413)
    try:
        async with request.form(max_files=1, max_fields=2) as form:
            upload, name = form.get("file"), form.get("id")
            if not isinstance(upload, UploadFile) or not isinstance(name, str):
                raise NotAllowed("malformed", 400)
            title = (upload.filename or "file").replace("\\", "/").rpartition("/")[2][:120]
            await desk.send_file(agent, _chat(request), name, title, _parts(upload))
    except HTTPException as error:
        raise NotAllowed("malformed", 400) from error
    return _json({}, 202)


async def paper(desk: Desk, agent: Agent, request: Request) -> Response:
    """A record that the person sent."""
    place = request.path_params
    mime, parts = await desk.paper(agent, _chat(request), place["case"], place["document"])
    shown = mime == "application/pdf" or mime.startswith(("image/", "audio/"))
    kind = mime if shown else "application/octet-stream"
    safe = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    how = {"Content-Disposition": "inline" if shown else "attachment"}
    return StreamingResponse(parts, media_type=kind, headers=PRIVATE | safe | how)


def csrf(token: str) -> str:
    """What a page must know besides the cookie; another site can't read it."""
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()


def _inside(desk: Desk, work: Work) -> Callable[[Request], Awaitable[Response]]:
    """For agents only; a write must carry the token that only our page can read."""

    async def guarded(desk: Desk, request: Request) -> Response:
        token = _token(request)
        agent = await desk.who(token)
        given = request.headers.get(CSRF, "")
        if request.method == "POST" and not secrets.compare_digest(
            given.encode(), csrf(token).encode()
        ):
            raise NotAllowed("no_token", 403)
        return await work(desk, agent, request)

    return _open(desk, guarded)


def _open(desk: Desk, work: Open) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await work(desk, request)
        except NotAllowed as no:
            return _json({"error": str(no)}, no.status)
        except KeyErased:
            return _json({"error": "erased"}, 410)
        except ClientDisconnect:
            return _json({"error": "gone"}, 400)

    return endpoint


def _page(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            await desk.who(_token(request))
        except NotAllowed:
            return page("login.html")
        return page("desk.html")

    return endpoint


async def _plain_page(request: Request) -> Response:
    return page("login.html")


async def _fields(request: Request, *names: str) -> Mapping[str, str]:
    """A small JSON body that holds these words."""
    held = b""
    async for part in request.stream():
        held += part
        if len(held) > MAX_JSON:
            raise NotAllowed("too_big", 413)
    try:
        found = msgspec.json.decode(held, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise NotAllowed("malformed", 400) from error
    if not set(names) <= set(found):
        raise NotAllowed("malformed", 400)
    return found


async def _parts(upload: UploadFile) -> AsyncIterator[bytes]:
    while part := await upload.read(1 << 18):
        yield part


def _chat(request: Request) -> str:
    return str(request.path_params["conversation"])


def _token(request: Request) -> str:
    return request.cookies.get(_cookie(request), "")


def _cookie(request: Request) -> str:
    # Browsers share cookies between the ports of a host.
    return f"saathi_desk_{request.url.port or 0}"


def _json(body: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status, headers=PRIVATE)
