"""Files that Twilio holds: fetched with care for the credentials, and deleted there."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Collection
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, encode_basic_auth
from yarl import URL

from bot.channels import FetchFailed

LARGEST = 16 * 2**20
PATIENCE = 60.0
HOPS = 4
REDIRECTS = (301, 302, 303, 307, 308)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NETWORK = (ClientError, asyncio.TimeoutError, OSError)
TIMEOUT = ClientTimeout(total=120, sock_connect=5, sock_read=20)
MEDIA_PATH = re.compile(r"/Messages/((?:SM|MM)\w{32})/Media/(ME\w{32})(?:\.json)?$")


class Media:
    """Reads media links of Twilio, and no other links."""

    def __init__(
        self,
        session: ClientSession,
        auth: tuple[str, str],
        api_url: str,
        hosts: Collection[str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._auth = encode_basic_auth(*auth)
        self._api = urlsplit(api_url)
        self._hosts = hosts
        self._now = now
        self._missing_since: dict[str, float] = {}

    async def stream(self, ref: str) -> AsyncIterator[bytes]:
        """The bytes in pieces; raises FetchFailed, also in the middle."""
        try:
            answer = await self._open(ref)
            try:
                self._judge(ref, answer)
                async for piece in _capped(answer):
                    yield piece
            finally:
                answer.close()
        except NETWORK as error:
            raise FetchFailed(type(error).__name__) from None

    async def _open(self, ref: str) -> ClientResponse:
        url, headers = ref, self._credentials(ref)
        for _ in range(HOPS):
            self._check(url)
            answer = await self._session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False, timeout=TIMEOUT
            )
            if answer.status not in REDIRECTS:
                return answer
            answer.release()
            # A signed link together with credentials is refused, and would leak them.
            url, headers = urljoin(url, answer.headers.get("Location", "")), {}
        raise FetchFailed("too_many_redirects", permanent=True)

    def _credentials(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        own = (parts.scheme, parts.netloc) == (self._api.scheme, self._api.netloc)
        regional = parts.scheme == "https" and parts.netloc in self._hosts
        if own or (regional and parts.netloc.endswith(".twilio.com")):
            return {"Authorization": self._auth}
        return {}

    def _check(self, url: str) -> None:
        """Only Twilio's hosts, encrypted; loopback when Twilio itself is on loopback."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        loopback = self._api.hostname in LOOPBACK and host in LOOPBACK
        known = host in self._hosts or host == self._api.hostname
        if not (loopback or (known and parts.scheme == "https")):
            raise FetchFailed("foreign_host", permanent=True)

    def _judge(self, ref: str, answer: ClientResponse) -> None:
        if answer.status == 200:
            self._missing_since.pop(ref, None)
            if (answer.content_length or 0) > LARGEST:
                raise FetchFailed("too_big", permanent=True)
            return
        passing = answer.status in (401, 408, 425, 429) or answer.status >= 500
        if answer.status == 404:
            passing = self._may_still_come(ref)
        raise FetchFailed(str(answer.status), permanent=not passing)

    def _may_still_come(self, ref: str) -> bool:
        """Twilio tells of a file a moment before it can be read."""
        now = self._now()
        if len(self._missing_since) > 1_000:
            self._missing_since.clear()
        return now - self._missing_since.setdefault(ref, now) < PATIENCE


async def _capped(answer: ClientResponse) -> AsyncIterator[bytes]:
    size = 0
    async for piece in answer.content.iter_chunked(65_536):
        size += len(piece)
        if size > LARGEST:
            raise FetchFailed("too_big", permanent=True)
        yield piece


def sids(ref: str) -> tuple[str, str]:
    """The message's and the file's id in a media link; raises FetchFailed."""
    if not (found := MEDIA_PATH.search(urlsplit(ref).path)):
        raise FetchFailed("not_a_media_link", permanent=True)
    return found[1], found[2]
