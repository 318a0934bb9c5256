"""A web app of ours on a free port of this machine, in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route


@asynccontextmanager
async def serving(
    routes: list[Route], *, close: Callable[[], None] | None = None
) -> AsyncIterator[str]:
    """The base address, for as long as the block runs."""
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning", lifespan="off")
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        if close:
            close()
        server.should_exit = True
        await running
