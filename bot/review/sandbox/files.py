"""The sandbox's files: documents as they were sent, letters, the stylesheet."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.review.fonts import FONTS
from bot.review.sandbox.forms import the_desk
from bot.review.sandbox.view_documents import PICTURES

STYLE = Path(__file__).parent / "templates" / "style.css"
FACES = frozenset(FONTS.glob("*.ttf"))


async def document(request: Request) -> Response:
    """A document as it was sent; only what a browser shows safely opens in it."""
    path = the_desk(request).store.document(request.path_params["sha256"])
    if path is None:
        raise HTTPException(404)
    mime = await run_in_threadpool(_mime, path)
    # The browser's own PDF viewer needs more than our pages may have.
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": "script-src 'none'"}
    if mime == "application/octet-stream":
        headers = {"Content-Disposition": f'attachment; filename="{path.name[:12]}"'}
    return FileResponse(path, media_type=mime, headers=headers)


async def style(request: Request) -> Response:
    """The one stylesheet."""
    return FileResponse(STYLE, media_type="text/css")


async def font(request: Request) -> Response:
    """The letters of one script, for machines that have none."""
    path = FONTS / request.path_params["name"]
    if path not in FACES:
        raise HTTPException(404)
    return FileResponse(path, media_type="font/ttf", headers={"Cache-Control": "max-age=86400"})


def _mime(path: Path) -> str:
    # By its first bytes, not by what the sender said: a page must not run as ours.
    with path.open("rb") as file:
        head = file.read(12)
    starts = {b"%PDF": "application/pdf", b"\xff\xd8\xff": PICTURES[0], b"\x89PNG": PICTURES[1]}
    found = [mime for start, mime in starts.items() if head.startswith(start)]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = ["image/webp"]
    return found[0] if found else "application/octet-stream"
