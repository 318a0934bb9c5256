"""The processes: everything in one (`run`), the web part, the worker part."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from bot import places, turns
from bot.channels.telegram import Telegram
from bot.channels.telegram_polling import poll, set_webhook, watch
from bot.clock import now
from bot.desk.api import routes as desk_routes
from bot.embedded import postgres, valkey
from bot.embedded.children import Server
from bot.embedded.rasa import start as start_rasa
from bot.review.sandbox import http_poster, sandbox_app
from bot.settings import Settings, SettingsError
from bot.uploads.page import routes as upload_routes
from bot.uploads.uploads import SWEEP_EVERY
from bot.warm import warm
from bot.web import web_app
from bot.wiring import Opened, Places, opened
from bot.work import forever, work
from flows.messages import Update

log = logging.getLogger(__name__)


async def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Saathi in one process, on embedded servers where no others are named."""
    async with AsyncExitStack() as stack:
        _warming(stack)
        found = await embedded(settings, stack, say)
        made = await stack.enter_async_context(opened(settings, found))
        stop = _stopping()
        web = await stack.enter_async_context(_listening(made))
        for text in addresses(settings, made):
            say(text)
        await together(stop, work(made.app, stop), _serving(made, web, stop))


async def together(stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """All parts until they end; where one fails, the others are told to stop, and ended first."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def web(settings: Settings) -> None:
    """The web part alone: webhooks in; turns are worked by `saathi work`."""
    async with opened(settings, outside(settings), works=False) as made:
        stop = _stopping()
        async with _listening(made) as server:
            await _serving(made, server, stop)


async def _serving(made: Opened, server: uvicorn.Server, stop: asyncio.Event) -> None:
    sweeping = forever(stop, made.uploads.sweep, SWEEP_EVERY)
    draining = made.intake.drain(stop)
    await together(stop, _telegram(made, stop), draining, sweeping, _ended(made, server, stop))


async def worker(settings: Settings) -> None:
    """The worker part alone."""
    async with AsyncExitStack() as stack:
        _warming(stack)
        made = await stack.enter_async_context(opened(settings, outside(settings)))
        await work(made.app, _stopping())


def _warming(stack: AsyncExitStack) -> None:
    """Beside the start, which mostly waits; nothing waits for it."""
    warming = asyncio.create_task(asyncio.to_thread(warm))
    stack.push_async_callback(asyncio.wait, [warming])


def outside(settings: Settings) -> Places:
    """The servers that the settings name; SettingsError where one is missing."""
    if not settings.redis.url or not settings.database.url:
        raise SettingsError(
            "redis.url and database.url must be set for `saathi web` and `saathi work`"
            " (embedded servers come with `saathi run` only)"
        )
    token = settings.rasa.token.get_secret_value()
    return Places(settings.redis.url, settings.database.url, settings.rasa.url, token)


async def embedded(settings: Settings, stack: AsyncExitStack, say: Callable[[str], None]) -> Places:
    """Start what is not named; each ends with this process, however it ends."""
    folder = settings.data_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    say("Saathi is starting …")
    redis, database = await asyncio.gather(
        _server(settings.redis.url, lambda: valkey.start(folder / "valkey"), stack),
        _server(settings.database.url, lambda: postgres.start(folder / "postgres"), stack),
    )
    places.remember(settings, redis, database)
    stack.callback(places.forget, settings)
    rasa = await _rasa(settings, stack, say)
    review = f"http://{settings.web.host}:{settings.web.port}/sandbox"
    return Places(redis, database, *rasa, review)


async def _server(url: str, start: Callable[[], Server], stack: AsyncExitStack) -> str:
    if url:
        return url
    server = await asyncio.to_thread(start)
    stack.push_async_callback(asyncio.to_thread, server.stop)
    return server.url


async def _rasa(
    settings: Settings, stack: AsyncExitStack, say: Callable[[str], None]
) -> tuple[str, str]:
    if settings.rasa.url or not settings.rasa.enabled:
        return settings.rasa.url, settings.rasa.token.get_secret_value()
    rasa = await asyncio.to_thread(start_rasa, settings.data_dir / "rasa", say)
    stack.push_async_callback(asyncio.to_thread, rasa.stop)
    return rasa.url, rasa.token


def _stopping() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


@asynccontextmanager
async def _listening(made: Opened) -> AsyncIterator[uvicorn.Server]:
    settings = made.app.settings
    sock = _socket(settings)
    config = uvicorn.Config(
        _site(made), log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    # `_serve`: `serve` would take the signals for itself, and the worker must hear them too.
    serving = asyncio.create_task(server._serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(0.02)
    try:
        yield server
    finally:
        server.should_exit = True
        await serving


def _socket(settings: Settings) -> socket.socket:
    """The listening socket; SettingsError when the port is taken."""
    sock = socket.socket(socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.web.host, settings.web.port))
    except OSError:
        sock.close()
        raise SettingsError(
            f"web.port: {settings.web.port} is taken by another program. Stop that one, or set"
            " another port (config.yml, or SAATHI_WEB__PORT)"
        ) from None
    return sock


async def _ended(made: Opened, server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    if made.phone:
        # Its open pages would hold the server up.
        made.phone.close()
    server.should_exit = True


def _site(made: Opened) -> Starlette:
    """The webhooks, and the pages of this installation."""
    app, pages = made.app, list[BaseRoute]()
    if made.phone:
        pages += made.phone.routes()
    pages += desk_routes(app.desk)
    pages += upload_routes(made.uploads)
    lifespan = None
    if not app.settings.review.url:
        sandbox = _sandbox(made)
        pages.append(Mount("/sandbox", sandbox))
        lifespan = _with_outbox(sandbox)
    return web_app(app, made.intake.take, pages, lifespan)


def _sandbox(made: Opened) -> Starlette:
    app = made.app
    port = app.settings.web.port
    events = http_poster(f"http://{app.settings.web.host}:{port}/review/events")
    folder = Path(app.settings.data_dir) / "sandbox"
    return sandbox_app(folder, events, app.review_secret, now, token=made.review_token)


def _with_outbox(sandbox: Starlette) -> object:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sandbox.state.desk.outbox.start()
        yield
        await sandbox.state.desk.outbox.stop()

    return lifespan


async def _telegram(made: Opened, stop: asyncio.Event) -> None:
    """Poll, or have Telegram call us."""
    telegram = made.telegram
    if not telegram:
        return
    if made.app.settings.channels.telegram.mode == "webhook":
        url = made.app.public_url + "/telegram"
        await set_webhook(telegram, url)
        await watch(telegram, url, stop)
        return
    await _poll(made, telegram, stop)


async def _poll(made: Opened, telegram: Telegram, stop: asyncio.Event) -> None:
    async def receive(updates: list[Update]) -> None:
        await turns.receive(made.app, updates)

    await poll(telegram, receive, stop)


def addresses(settings: Settings, made: Opened) -> list[str]:
    """What to open, for a newcomer."""
    base = f"http://{settings.web.host}:{settings.web.port}"
    lines = ["", "Saathi is ready:"]
    if made.phone:
        lines.append(f"  phone page       {base}/phone   (two phones: {base}/phone?phones=2)")
    if not settings.review.url:
        lines.append(f"  review sandbox   {base}/sandbox/")
    lines.append(
        f"  agents' desk     {base}/desk   (first account: .venv/bin/saathi agents invite)"
    )
    for name in ("telegram", "whatsapp"):
        state = "on" if name in made.app.channels else "off (see README)"
        lines.append(f"  {name:<16} {state}")
    return [*lines, "Ctrl-C stops it; every chat goes on where it was.", ""]
