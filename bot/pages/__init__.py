"""The browser pages: static files with strict headers, no framework, no outside request."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).parent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
}
STATIC = {
    path.relative_to(FOLDER).as_posix(): path
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in TYPES
}


def page(name: str) -> Response:
    """One of our HTML pages; it may load nothing but our own files."""
    return FileResponse(FOLDER / name, media_type="text/html", headers=HEADERS)


def static(prefix: str) -> Route:
    """The route of the pages' scripts, styles and fonts."""
    return Route(f"{prefix}/static/{{name:path}}", _file)


async def _file(request: Request) -> Response:
    path = STATIC.get(request.path_params["name"])
    if not path:
        raise HTTPException(404)
    lasting = {"Cache-Control": "max-age=604800"} if path.suffix == ".woff2" else {}
    return FileResponse(path, media_type=TYPES[path.suffix], headers=HEADERS | lasting)
