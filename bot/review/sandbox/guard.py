"""Who may do what in the sandbox: Saathi by its token, a browser from our own pages."""

import hmac
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "sandbox_key"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Checks the bearer token of API calls, the origin of forms, the key of pages."""

    def __init__(self, app: ASGIApp, token: str, page_key: str = "") -> None:
        self._app, self._token, self._page_key = app, token, page_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in place of the app where a request may not pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, safe)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._has_token(headers):
            return None
        if _is_api(scope):
            return PlainTextResponse("a valid token is needed", 401)
        if scope["method"] == "POST" and not _same_origin(headers):
            return PlainTextResponse("this form came from another site", 403)
        return self._locked(scope, headers) if self._page_key else None

    def _has_token(self, headers: Headers) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        right = kind.lower() == "bearer" and hmac.compare_digest(
            given.encode(), self._token.encode()
        )
        return right and bool(self._token)

    def _locked(self, scope: Scope, headers: Headers) -> Response | None:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        if self._fits(asked):
            root = scope.get("root_path", "")
            opened = RedirectResponse(f"{root}/", 303)
            opened.set_cookie(COOKIE, asked, path=root or "/", httponly=True, samesite="lax")
            return opened
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if kept and self._fits(kept.value):
            return None
        return PlainTextResponse("Please open the sandbox through the address it printed.", 403)

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._page_key.encode())


def _is_api(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    written = path.startswith("/documents/") and scope["method"] != "GET"
    return written or path in ("/fhir", "/told", "/events")


def _same_origin(headers: Headers) -> bool:
    if "origin" not in headers:
        return headers.get("sec-fetch-site") == "same-origin"
    return urlsplit(headers["origin"]).netloc == headers.get("host")
