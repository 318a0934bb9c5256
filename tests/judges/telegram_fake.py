"""A strict stand-in for Telegram's Bot API over HTTP: refuses what Telegram refuses.

Each bot (token) lives in a world of its own, so that tests do not meet. Calls of the bot
and updates made here are judged by aiogram's models, an independent implementation.

    python tests/judges/telegram_fake.py [PORT]     prints its address, then serves

Bot side: `/bot<token>/<method>`, `/file/bot<token>/<path>`. Patient's side, for tests:
`/sim/new`, then `/sim/<token>/<action>` (see telegram_sim.py).
"""

import asyncio
import os
import sys
from typing import Any

from aiohttp import web
from telegram_judge import Refusal, judge
from telegram_methods import answer
from telegram_rules import check
from telegram_sim import routes as sim_routes
from telegram_wire import parameters
from telegram_world import WORLDS, Call, Fault, World

LARGEST_BODY = 60 * 2**20


async def bot_api(request: web.Request) -> web.StreamResponse:
    """One call of one method."""
    method = request.match_info["method"]
    params, files = await parameters(request)
    world = WORLDS.get(request.match_info["token"])
    try:
        if not world:
            raise Refusal(401, "Unauthorized")
        call = world.note(Call(method, params, {name: len(f.data) for name, f in files.items()}))
        return await _with_faults(request, world, call, files)
    except Refusal as refusal:
        if world:
            call.status = call.status or refusal.code
        return _refused(refusal)


async def _with_faults(
    request: web.Request, world: World, call: Call, files: dict[str, Any]
) -> web.StreamResponse:
    fault = world.fault(call.method)
    if fault and not fault.after:
        await _suffer(request, fault)
    judge(call.method, call.params, files)
    check(world, call.method, call.params, files)
    result = await answer(world, call.method, call.params, files)
    call.status, call.result = 200, result
    if fault and fault.after:
        await _suffer(request, fault)
    if fault and fault.garbage:
        return web.Response(text=fault.garbage)
    return web.json_response({"ok": True, "result": result})


async def _suffer(request: web.Request, fault: Fault) -> None:
    await asyncio.sleep(fault.delay)
    if fault.drop and request.transport:
        request.transport.abort()
        raise Refusal(599, "nobody hears this")
    if fault.code:
        extra = {"retry_after": fault.retry_after} if fault.retry_after else {}
        raise Refusal(fault.code, fault.text or "fault", **extra)


def _refused(refusal: Refusal) -> web.Response:
    body = {"ok": False, "error_code": refusal.code, "description": refusal.text}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


async def download(request: web.Request) -> web.StreamResponse:
    """The bytes of a file, as `getFile` named it."""
    world = WORLDS.get(request.match_info["token"])
    found = world and world.by_path(request.match_info["path"])
    if not world or not found:
        return _refused(Refusal(404, "Not Found"))
    fault = world.fault("download")
    if fault:
        await _suffer(request, fault)
    response = web.StreamResponse(headers={"Content-Length": str(len(found.data))})
    await response.prepare(request)
    for start in range(0, len(found.data), 65_536):
        await response.write(found.data[start : start + 65_536])
        if fault and fault.cut and request.transport:
            request.transport.abort()
            break
    return response


@web.middleware
async def _refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(refusal)


def make_app() -> web.Application:
    """All routes of the fake."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_refusals])
    app.add_routes(
        [
            web.route("*", "/bot{token}/{method}", bot_api),
            web.get("/file/bot{token}/{path:.+}", download),
            *sim_routes(),
        ]
    )
    return app


async def serve(port: int) -> None:
    """Serve until the parent process is gone."""
    runner = web.AppRunner(make_app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    address = runner.addresses[0]
    sys.stdout.write(f"http://127.0.0.1:{address[1]}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
