"""HTTP to the review backend: documents first, then the case; no retries in here."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.breaker import Breaker
from bot.channels import Refused
from bot.review.events import Event, parse

QUICK = aiohttp.ClientTimeout(total=30, connect=10)
# A scan of 100 MB over a slow line takes minutes; silence for a minute is a fault.
SLOW = aiohttp.ClientTimeout(total=1800, connect=10, sock_read=60)
# The only answers that sending the same again cannot mend. A wrong token is not
# among them: the operator corrects it, and the case must still arrive.
PERMANENT = (400, 409, 413, 415, 422)
NONE: Mapping[str, str] = {}
Body = bytes | AsyncIterator[bytes] | None


class ReviewFailed(Exception):
    """The backend did not take it. `permanent`: the same again will fail again."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


@dataclass(frozen=True)
class Upload:
    """One stored document: `open` streams its bytes, each time from the start."""

    sha256: str
    mime: str
    size: int
    open: Callable[[], AsyncIterator[bytes]]


class ReviewClient:
    """Speaks to one backend; `docs/review-backend.md` is the contract."""

    def __init__(self, url: str, token: str, http: aiohttp.ClientSession) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._http = http
        self._breaker = Breaker()

    async def submit(self, key: str, bundle: dict[str, Any], documents: Iterable[Upload]) -> None:
        """Send a case; returns once it, or an earlier sending of it, is acknowledged.

        `key` is the case's id. What was added since the earlier sending goes by `tell`.
        """
        for document in documents:
            await self.upload(document)
        body = json.dumps(bundle, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/fhir+json", "Idempotency-Key": key}
        answer = await self._json("POST", "/fhir", body, headers)
        if not _acknowledges(answer):
            raise ReviewFailed("not-acknowledged")

    async def upload(self, document: Upload) -> None:
        """Send a document unless the backend has it: its address is its content."""
        path = f"/documents/{document.sha256}"
        async with self._exchange("HEAD", self.url + path, accept=(404,)) as answer:
            if answer.status != 404:
                return
        headers = {"Content-Type": document.mime, "Content-Length": str(document.size)}
        async with self._exchange("PUT", self.url + path, document.open(), headers, wait=SLOW):
            pass

    async def tell(self, case_number: str, what: str, detail: dict[str, str]) -> None:
        """Tell about a submitted case: `document` added (upload it first), `slot` chosen."""
        told = {"case": case_number, "what": what, "detail": detail}
        body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        key = hashlib.sha256(body).hexdigest()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        async with self._exchange("POST", self.url + "/told", body, headers):
            pass

    async def events(self, since: str = "") -> tuple[list[Event], str]:
        """What is new since the cursor, and the next cursor (for polling)."""
        answer = await self._json("GET", "/events", query={"since": since} if since else NONE)
        try:
            return parse(json.dumps(answer).encode()), str(answer["cursor"])
        except (Refused, KeyError):
            raise ReviewFailed("malformed-events") from None

    async def fetch(self, url: str) -> AsyncIterator[bytes]:
        """The bytes of a file of the backend's; the token goes nowhere else."""
        address = urljoin(self.url + "/", url)
        if not _within(address, self.url):
            raise ReviewFailed("foreign-address", permanent=True)
        async with self._exchange("GET", address, wait=SLOW) as answer:
            async for chunk in answer.content.iter_chunked(65_536):
                yield chunk

    async def _json(
        self,
        method: str,
        path: str,
        body: Body = None,
        headers: Mapping[str, str] = NONE,
        query: Mapping[str, str] = NONE,
    ) -> dict[str, Any]:
        async with self._exchange(method, self.url + path, body, headers, query) as answer:
            found = await answer.json(content_type=None)
        if not isinstance(found, dict):
            raise ReviewFailed("not-json")
        return found

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        address: str,
        body: Body = None,
        headers: Mapping[str, str] = NONE,
        query: Mapping[str, str] = NONE,
        accept: tuple[int, ...] = (),
        wait: aiohttp.ClientTimeout = QUICK,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._breaker.resting():
            raise ReviewFailed("resting")
        # A redirect would carry the case, or the token, to somebody else: none is followed.
        given = {"Authorization": f"Bearer {self._token}", **headers}
        try:
            async with self._http.request(
                method,
                address,
                data=body,
                params=query,
                headers=given,
                timeout=wait,
                allow_redirects=False,
            ) as answer:
                self._breaker.failed() if answer.status >= 500 else self._breaker.worked()
                if answer.status not in accept:
                    _check(answer.status)
                yield answer
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._breaker.failed()
            raise ReviewFailed(type(error).__name__) from error
        except ValueError:
            raise ReviewFailed("not-json") from None


def _check(status: int) -> None:
    if not 200 <= status < 300:
        raise ReviewFailed(f"http-{status}", permanent=status in PERMANENT)


def _acknowledges(answer: dict[str, Any]) -> bool:
    # Not as many entries as we sent: the answer to a sending before a page was added has fewer.
    made = answer.get("entry")
    if answer.get("type") != "transaction-response" or not isinstance(made, list):
        return False
    results = [str((one.get("response") or {}).get("status", "")) for one in made]
    return bool(results) and all(one.startswith("2") for one in results)


def _within(address: str, base: str) -> bool:
    asked, ours = urlsplit(address), urlsplit(base)
    same = (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)
    return same and asked.path.startswith(ours.path + "/") and ".." not in asked.path
