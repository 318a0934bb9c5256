"""The upload server: tus 1.0 with creation, termination, expiration and checksum."""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.uploads import tus
from bot.uploads.admission import admit
from bot.uploads.body import pour
from bot.uploads.holding import held
from bot.uploads.links import PAGE, Link, LinkWrong
from bot.uploads.tus import Refusal
from bot.uploads.uploads import KEPT_FOR, Uploads
from storage.keyring import KeyErased
from storage.partials import Ticket, new_id

FILES = f"{PAGE}/files"
Work = Callable[[Uploads, Request, Link], Awaitable[Response]]


def routes(uploads: Uploads) -> list[Route]:
    """The routes of the protocol."""
    many = ["POST", "OPTIONS"]
    one = ["HEAD", "PATCH", "DELETE", "POST", "OPTIONS"]
    return [
        Route(FILES, _endpoint(uploads, {"POST": _create}), methods=many),
        Route(f"{FILES}/{{name}}", _endpoint(uploads, ONE), methods=one),
    ]


def _endpoint(uploads: Uploads, works: dict[str, Work]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        method = request.headers.get("x-http-method-override", request.method).upper()
        if method == "OPTIONS":
            return Response(status_code=204, headers=tus.always() | tus.offered(uploads.most))
        try:
            tus.expect_version(request.headers)
            if method not in works:
                raise Refusal(405)
            response = await works[method](uploads, request, allowed(uploads, request))
        except Refusal as refusal:
            response = Response(status_code=refusal.status, headers=refusal.headers)
        except LinkWrong:
            response = Response(status_code=401)
        except KeyErased:
            response = Response(status_code=410)
        response.headers.update(tus.always())
        return response

    return endpoint


def allowed(uploads: Uploads, request: Request) -> Link:
    """What the request's link grants; raises LinkWrong."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return uploads.links.open(token if scheme.lower() == "bearer" else "", uploads.app.now())


async def _create(uploads: Uploads, request: Request, link: Link) -> Response:
    length = tus.number(request.headers, "upload-length")
    sender = await admit(uploads, link, length)
    until = uploads.app.now() + KEPT_FOR
    ticket = Ticket(new_id(), sender, link.case, link.slot, length, until)
    await uploads.partials.begin(ticket)
    if not length:
        uploads.finish_soon(await _noted(uploads, ticket, 0))
    location = {"Location": f"{FILES}/{ticket.id}"}
    return Response(status_code=201, headers=location | tus.until(until))


async def _head(uploads: Uploads, request: Request, link: Link) -> Response:
    ticket = await _found(uploads, request, link)
    offset = ticket.length
    if ticket.state == "open":
        async with held(uploads, ticket) as (file, _):
            offset = file.offset
    lengths = {"Upload-Offset": str(offset), "Upload-Length": str(ticket.length)}
    return Response(headers=lengths | tus.until(ticket.until))


async def _patch(uploads: Uploads, request: Request, link: Link) -> Response:
    tus.expect_body(request.headers)
    offset = tus.number(request.headers, "upload-offset")
    ticket = await _found(uploads, request, link)
    if ticket.state != "open":
        raise Refusal(409)
    checksum = tus.Checksum(request.headers)
    if offset + int(request.headers.get("content-length", 0)) > ticket.length:
        raise Refusal(413)
    async with held(uploads, ticket) as (file, stop):
        if file.offset != offset:
            raise Refusal(409)
        await pour(request.receive, file, ticket.length - offset, checksum, stop)
        offset = file.offset
        # Before anybody else may write: an older ticket must not follow a newer one.
        ticket = await _noted(uploads, ticket, offset)
    if ticket.state == "full":
        uploads.finish_soon(ticket)
    headers = {"Upload-Offset": str(offset)} | tus.until(ticket.until)
    return Response(status_code=204, headers=headers)


async def _noted(uploads: Uploads, ticket: Ticket, offset: int) -> Ticket:
    """The ticket with a day more, and whether all bytes are here."""
    state = "full" if offset == ticket.length else "open"
    ticket = replace(ticket, state=state, until=uploads.app.now() + KEPT_FOR)
    await uploads.partials.put(ticket)
    return ticket


async def _delete(uploads: Uploads, request: Request, link: Link) -> Response:
    ticket = await _found(uploads, request, link)
    if ticket.state == "open":
        async with held(uploads, ticket):
            await uploads.partials.settle(ticket, "ended")
    return Response(status_code=204)


ONE: dict[str, Work] = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}


async def _found(uploads: Uploads, request: Request, link: Link) -> Ticket:
    """The upload, if it is of the link's case; Refusal(404), or 410 where its time is over."""
    ticket = await uploads.partials.get(link.case, request.path_params["name"])
    if not ticket:
        raise Refusal(404)
    if ticket.state == "ended" or ticket.until <= uploads.app.now():
        raise Refusal(410)
    return ticket
