"""The upload page and its words in the language of the link."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.pages import page, static
from bot.uploads import server
from bot.uploads.admission import owner_of
from bot.uploads.links import PAGE, LinkWrong
from bot.uploads.tus import Refusal
from bot.uploads.uploads import MB, Uploads
from flows.data import LANGUAGES
from flows.effects import Voice

WORDS = (
    "title", "about", "choose", "more", "pause", "go_on", "again", "minutes", "soon", "offline",
    "keep_open", "paused", "done", "back", "too_big", "too_many", "full",
    "expired_title", "expired",
)  # fmt: skip


def routes(uploads: Uploads) -> list[BaseRoute]:
    """The page, what it needs, and the upload server behind it."""

    async def shown(_: Request) -> Response:
        return page("upload.html")

    words = Route(f"{PAGE}/words", _words(uploads), methods=["POST"])
    return [Route(PAGE, shown), static(PAGE), words, *server.routes(uploads)]


def _words(uploads: Uploads) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        status, language = await _standing(uploads, request)
        told = {"language": language, "most": uploads.most, "words": _texts(uploads, language)}
        return JSONResponse(told, status, {"Cache-Control": "no-store"})

    return endpoint


async def _standing(uploads: Uploads, request: Request) -> tuple[int, str]:
    """200, or 410 for a link that is of no use (any more), and the language to say it in."""
    try:
        link = server.allowed(uploads, request)
        await owner_of(uploads, link)
    except LinkWrong as wrong:
        return 410, wrong.language or _read(request.headers.get("accept-language", ""))
    except Refusal:
        return 410, link.language
    return 200, link.language


def _texts(uploads: Uploads, language: str) -> dict[str, str]:
    wording, voice = uploads.app.wording, Voice(language)
    given: dict[str, str] = {"most": shown_size(uploads.most), "minutes": "{minutes}"}
    return {name: wording.text(f"upload.{name}", given, voice) for name in WORDS}


def shown_size(size: int) -> str:
    """So many bytes in words."""
    return f"{size // (1024 * MB)} GB" if size % (1024 * MB) == 0 else f"{size // MB} MB"


def _read(accepted: str) -> str:
    """The first of the browser's languages that we speak, English without one."""
    asked: Sequence[str] = [each.strip()[:2].lower() for each in accepted.split(",")]
    return next((code for code in asked if code in LANGUAGES), "en")
