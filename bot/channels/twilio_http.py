"""Twilio's official client over our own connection: other hosts, real timeouts, no log."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, encode_basic_auth
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response

API = "https://api.twilio.com"
CONTENT = "https://content.twilio.com"


class TwilioHttp(AsyncTwilioHttpClient):
    """Never repeats a request: creating a message twice sends it twice."""

    def __init__(self, hosts: Mapping[str, str], timeout: float = 10.0) -> None:
        super().__init__(pool_connections=False)
        self._hosts = hosts
        limits = ClientTimeout(total=timeout, sock_connect=5.0)
        self.connections = ClientSession(timeout=limits, cookie_jar=DummyCookieJar())
        self.session = self.connections

    async def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Response:
        """One request; unlike the original it can send JSON and lists, and tells no log."""
        headers = dict(headers or {})
        if auth:
            headers["Authorization"] = encode_basic_auth(*auth)
        options: dict[str, Any] = {"timeout": ClientTimeout(total=timeout)} if timeout else {}
        async with self.connections.request(
            method, self._rebased(url), params=params, headers=headers,
            allow_redirects=allow_redirects, **_body(data, headers), **options,
        ) as answer:  # fmt: skip
            return Response(answer.status, await answer.text(), dict(answer.headers))

    def _rebased(self, url: str) -> str:
        asked = urlsplit(url)
        base = self._hosts.get(f"{asked.scheme}://{asked.netloc}")
        if not base:
            return url
        scheme, netloc, path, *_ = urlsplit(base)
        return urlunsplit((scheme, netloc, path.rstrip("/") + asked.path, asked.query, ""))


def _body(data: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    if data is None:
        return {}
    if headers.get("Content-Type") == "application/json":
        return {"json": data}
    return {"data": urlencode(data, doseq=True).encode()}
