"""The fake's routes, and the record of every call."""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.twilio_fake import content, listed, media, messages, sim
from tests.twilio_fake.state import State

MESSAGES = "/2010-04-01/Accounts/{account}/Messages"


class Recorder:
    """Notes each call to the API, with or without credentials, and its outcome."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/sim/"):
            await self._app(scope, receive, send)
            return
        names = [name for name, _ in scope["headers"]]
        call: dict[str, Any] = {"method": scope["method"], "path": scope["path"]}
        call["credentials"] = b"authorization" in names
        scope["call"] = call
        scope["app"].state.fake.calls.append(call)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                call["status"] = message["status"]
            await send(message)

        await self._app(scope, receive, noting)


def make(account: str, token: str, base: str) -> Starlette:
    """The fake as an application."""
    app = Starlette(
        middleware=[Middleware(Recorder)],
        routes=[
            Route(MESSAGES + ".json", messages.create, methods=["POST"]),
            Route(MESSAGES + ".json", listed.messages),
            Route(MESSAGES + "/{sid}.json", messages.fetch),
            Route(MESSAGES + "/{sid}/Media.json", listed.media),
            Route(MESSAGES + "/{sid}/Media/{file}.json", media.delete, methods=["DELETE"]),
            Route(MESSAGES + "/{sid}/Media/{file}", media.read),
            Route("/cdn/{file}", media.cdn),
            Route("/v1/Content", content.create, methods=["POST"]),
            Route("/v1/Content/{sid}", content.fetch),
            Route("/sim/reset", sim.reset, methods=["POST"]),
            Route("/sim/write", sim.write, methods=["POST"]),
            Route("/sim/fault", sim.fault, methods=["POST"]),
            Route("/sim/person", sim.person, methods=["POST"]),
            Route("/sim/content", sim.content, methods=["POST"]),
            Route("/sim/look", sim.look),
        ],
    )
    app.state.fake = State(account, token, base=base)
    return app
