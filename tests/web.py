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
        await _shut(server)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _shut(server: uvicorn.Server) -> None:
    """As uvicorn does it, without its pauses of a tenth of a second: tests open hundreds."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    async with asyncio.timeout(2):
        while server.server_state.connections or server.server_state.tasks:
            await asyncio.sleep(0.002)
