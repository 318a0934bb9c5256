"""The sandbox and a receiver of its events, both over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.channels import Refused
from bot.review.client import ReviewClient, Upload
from bot.review.events import Event, parse, verify
from bot.review.fhir import bundle
from bot.review.sandbox import http_poster, sandbox_app
from flows.turnaround import ZONE
from tests.cases import load_case, paper_bytes
from tests.web import serving

TOKEN, SECRET = "a token for tests", "a secret for tests"


@dataclass
class Receiver:
    """What Saathi's `/review/events` does, and what it got. `status` is what it answers."""

    status: int = 200
    events: list[Event] = field(default_factory=list)
    bodies: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        self.bodies.append((body, dict(request.headers)))
        try:
            verify(request.headers, body, SECRET, datetime.now(ZONE))
            found = parse(body)
        except Refused as refused:
            return Response(status_code=refused.status)
        if self.status == 200:
            self.events += found
        return Response(status_code=self.status)


@dataclass
class Rig:
    """Everything a test needs."""

    url: str
    app: Starlette
    http: aiohttp.ClientSession
    client: ReviewClient
    receiver: Receiver

    async def send(self, name: str, **more: Any) -> dict[str, Any]:
        """Submit a fictional case; returns its bundle."""
        conversation, case = load_case(name)
        found = bundle(conversation, case, datetime.now(ZONE), files=self.url)
        await self.client.submit(more.get("key", case.id), found, uploads(name))
        return found

    async def form(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form as a browser does from our own page."""
        headers = {"Origin": self.url.removesuffix("/sandbox")}
        async with self.http.post(self.url + path, data=fields, headers=headers) as answer:
            return answer.status, await answer.text()

    async def page(self, path: str) -> str:
        """The HTML of a page."""
        async with self.http.get(self.url + path) as answer:
            assert answer.status == 200
            return await answer.text()


def upload(data: bytes, sha256: str, mime: str = "application/pdf") -> Upload:
    """A document whose bytes are at hand."""

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65_536):
            yield data[start : start + 65_536]

    return Upload(sha256, mime, len(data), stream)


def uploads(name: str) -> list[Upload]:
    """The papers of a fictional case."""
    return [upload(data, sha256) for sha256, data in paper_bytes(name).items()]


@asynccontextmanager
async def rig(folder: Path, **more: Any) -> AsyncIterator[Rig]:
    """The sandbox mounted at /sandbox, as Saathi mounts it, and its receiver."""
    receiver = Receiver()

    async def post(body: bytes, headers: dict[str, str]) -> int:
        return await http_poster(address + "/review/events")(body, headers)

    clock = partial(datetime.now, ZONE)
    app = sandbox_app(folder, post, SECRET, clock, token=TOKEN, **more)
    routes: list[Any] = [
        Route("/review/events", receiver.__call__, methods=["POST"]),
        Mount("/sandbox", app),
    ]
    # A jar that keeps cookies of an address without a name, as browsers do.
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(routes) as address:
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            url = address + "/sandbox"
            yield Rig(url, app, http, ReviewClient(url, TOKEN, http), receiver)
        await app.state.desk.outbox.stop()
