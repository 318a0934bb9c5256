"""python-telegram-bot over aiohttp: a quarter of the processor time of its own client."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import aiohttp
import msgspec
from aiohttp.payload import AsyncIterablePayload
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

Timeout = Any  # PTB passes a number, None, or its own mark for "not given"
CHUNK = 65_536


class Upload:
    """A file that is read while it is sent; stands where PTB expects an open file."""

    def __init__(self, read: Callable[[], AsyncIterator[bytes]], size: int) -> None:
        self.read = read
        self.size = size


class _Sized(AsyncIterablePayload):
    """Telegram wants a Content-Length, so the size of a streamed part must be known."""

    def __init__(self, upload: Upload, content_type: str) -> None:
        super().__init__(upload.read(), content_type=content_type)
        self._size = upload.size


class AiohttpRequest(BaseRequest):
    """One pool of connections. Its errors never hold a URL: the bot's token is part of it."""

    def __init__(
        self,
        connections: int = 100,
        read: float = 15.0,
        write: float = 15.0,
        media_write: float = 120.0,
        connect: float = 5.0,
        pool: float = 10.0,
    ) -> None:
        self._connections = connections
        self._read = read
        self._write = write
        self._media_write = media_write
        self._connect = connect
        self._pool = pool
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer where the caller names none."""
        return self._read

    async def initialize(self) -> None:
        """Nothing: the session is opened at first use, inside the loop that uses it."""

    async def shutdown(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
        self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Ask once; raise TimedOut or NetworkError when no whole answer came."""
        files = bool(request_data and request_data.contains_files)
        timeout = _timeout(
            _given(read_timeout, self._read),
            _given(write_timeout, self._media_write if files else self._write),
            _given(connect_timeout, self._connect),
            _given(pool_timeout, self._pool),
        )
        body = _body(request_data)
        try:
            async with self._open().request(method, url, timeout=timeout, **body) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _plain(error) from None

    async def stream(self, url: str, whole: float = 300.0) -> AsyncGenerator[bytes, None]:
        """The bytes behind a URL, as they come."""
        timeout = aiohttp.ClientTimeout(
            total=whole, sock_connect=self._connect, sock_read=self._read
        )
        try:
            async with self._open().get(url, timeout=timeout, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise NetworkError(f"HTTP {answer.status}")
                async for chunk in answer.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _plain(error) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As PTB does it, but without writing what it could not read into the log."""
        try:
            found = msgspec.json.decode(payload)
        except msgspec.DecodeError:
            found = _lenient(payload)
        if not isinstance(found, dict):
            raise TelegramError("Invalid server response")
        return found

    def _open(self) -> aiohttp.ClientSession:
        if not self._session or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(
                connector=connector, headers={"User-Agent": self.USER_AGENT}
            )
        return self._session


class UpdatesRequest(AiohttpRequest):
    """For getUpdates: keeps the updates as they came.

    Through PTB's models one odd update would stop all polling for ever, and PTB writes
    the whole batch into the log.
    """

    def __init__(self, read: float = 15.0) -> None:
        super().__init__(connections=2, read=read)
        self.taken: list[dict[str, Any]] = []

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override]
        """Lay the updates aside and hand PTB an empty list."""
        found = AiohttpRequest.parse_json_payload(payload)
        if not found.get("ok"):
            return found
        self.taken = found["result"]
        return {"ok": True, "result": []}


def _given(value: Timeout, default: float) -> float | None:
    return default if value is BaseRequest.DEFAULT_NONE else value


def _timeout(
    read: float | None, write: float | None, connect: float | None, pool: float | None
) -> aiohttp.ClientTimeout:
    """aiohttp knows no limit for writing: the whole request gets the sum of all four."""
    parts = [part for part in (read, write, connect, pool) if part is not None]
    wait = None if connect is None or pool is None else connect + pool
    total = sum(parts) if len(parts) == 4 else None
    return aiohttp.ClientTimeout(total=total, connect=wait, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if data.contains_files:
        return {"data": _form(data)}
    body = msgspec.json.encode(data.parameters)
    return {"data": body, "headers": {"Content-Type": "application/json"}}


def _form(data: RequestData) -> aiohttp.FormData:
    # Telegram reads a plain UTF-8 file name, not the quoted form of RFC 5987.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        part: Any = _Sized(content, mime) if isinstance(content, Upload) else content
        form.add_field(name, part, content_type=mime, filename=filename)
    return form


def _plain(error: Exception) -> TelegramError:
    """Only the type's name: aiohttp's own words may hold the URL."""
    name = type(error).__name__
    return TimedOut(name) if isinstance(error, TimeoutError) else NetworkError(name)


def _lenient(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode(errors="replace"))
    except ValueError:
        raise TelegramError("Invalid server response") from None
