"""A review backend to try Saathi with: for fictional cases only, and it says so."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from bot.review.sandbox import acts, files, pages, receive
from bot.review.sandbox.desk import INLINE, Desk
from bot.review.sandbox.guard import Guard
from bot.review.sandbox.outbox import Outbox, Poster, http_poster
from bot.review.sandbox.store import Store

__all__ = ["Poster", "http_poster", "sandbox_app"]


def sandbox_app(
    store_folder: Path,
    events: Poster,
    secret: str,
    now: Callable[[], datetime],
    *,
    token: str,
    page_key: str = "",
    inline: int = INLINE,
) -> Starlette:
    """The sandbox as a sub-application (mount it at `/sandbox`) or an own one.

    `events` posts to Saathi's `/review/events`, signed with `secret`; `token` is what
    Saathi shows. With a `page_key` the pages open only through `/?key=<page_key>`.
    Where it is mounted, call `app.state.desk.outbox.start()` once the loop runs.
    """
    if not token or not secret:
        raise ValueError("the sandbox needs a token and a webhook secret")
    store = Store(store_folder)
    desk = Desk(store, Outbox(store, events, secret, now), now, inline)
    guard = Middleware(Guard, token=token, page_key=page_key)
    app = Starlette(routes=_routes(), middleware=[guard], lifespan=_lifespan)
    app.state.desk = desk
    return app


def _routes() -> list[Route]:
    forms = {"status": acts.move, "missing": acts.ask, "slots": acts.offer, "talk": acts.book}
    return [
        # First: a route for GET would also answer HEAD.
        Route("/documents/{sha256}", receive.document, methods=["HEAD", "PUT"]),
        Route("/documents/{sha256}", files.document, methods=["GET"]),
        Route("/fhir", receive.fhir, methods=["POST"]),
        Route("/told", receive.told, methods=["POST"]),
        Route("/events", receive.events, methods=["GET"]),
        Route("/", pages.index),
        Route("/style.css", files.style),
        Route("/fonts/{name}", files.font),
        Route("/cases/{number}", pages.case),
        Route("/cases/{number}/opinion", pages.write, methods=["GET"]),
        Route("/cases/{number}/opinion", pages.give, methods=["POST"]),
        *(
            Route(f"/cases/{{number}}/{name}", acts.act(do), methods=["POST"])
            for name, do in forms.items()
        ),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.desk.outbox.start()
    yield
    await app.state.desk.outbox.stop()
