"""Asks Rasa what a free sentence wants. Whatever goes wrong there, the answer is None."""

import re
import time
from collections.abc import Callable

import aiohttp
import msgspec

from bot.breaker import Breaker

INTENTS = frozenset(
    {
        "menu",
        "back",
        "repeat",
        "skip",
        "why",
        "human",
        "language",
        "stop",
        "delete_data",
        "status",
        "help",
        "cost",
        "time",
        "privacy",
        "credentials",
        "book_followup",
        "thanks",
        "greet",
        "medical_advice",
        "emergency",
        "crisis",
        "start_case",
        "edit",
        "upload_done",
        "will_send_later",
        "dont_understand",
        "nothing",
        "answer",
    }
)
LONGEST_TEXT = 1_000
LONGEST_WAIT = 1.2
FAILURES = 3
PAUSE_SECONDS = 10.0
# Rasa takes text that begins with a slash for an order to pretend an intent.
ORDER = re.compile(r"^[\s/]+")


# How sure it must be where acting on a wrong guess would cost an answer or the person's
# patience. Erasing asks for a yes; after a stop any word goes on.
LEAST = {"skip": 0.6, "back": 0.5, "greet": 0.5, "stop": 0.35, "delete_data": 0.3}


# A missed one of these does more harm than one heard wrongly: it asks for a yes or calls a person.
WISHES = {"human", "stop", "delete_data", "emergency", "crisis"}
SOONER = 0.66


class Intent(msgspec.Struct):
    """The part of Rasa's answer that counts."""

    name: str | None = None
    confidence: float = 0.0

    def sure(self, least: float) -> str | None:
        """Its name, where it is one of ours and likely enough."""
        name = self.name if self.name in INTENTS else None
        needed = least * SOONER if name in WISHES else least
        return name if name and self.confidence >= max(needed, LEAST.get(name, 0.0)) else None


class Parsed(msgspec.Struct):
    """Rasa's answer."""

    intent: Intent


class Rasa:
    """Rasa over HTTP. After three failures in a row it is left alone for ten seconds."""

    def __init__(
        self,
        url: str,
        token: str = "",
        timeout_seconds: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._parameters = {"token": token} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=min(timeout_seconds, LONGEST_WAIT))
        self._breaker = Breaker(FAILURES, PAUSE_SECONDS, now)
        self._session: aiohttp.ClientSession | None = None

    async def intent(self, text: str, least: float = 0.0) -> str | None:
        """One of INTENTS, or None where Rasa is down, slow, strange or less sure than `least`."""
        text = ORDER.sub("", text[:LONGEST_TEXT]).replace("_", " ")
        if not text or self._breaker.resting():
            return None
        try:
            parsed = msgspec.json.decode(await self._parse(text), type=Parsed)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, msgspec.MsgspecError):
            self._breaker.failed()
            return None
        self._breaker.worked()
        return parsed.intent.sure(least)

    async def alive(self) -> bool:
        """Whether Rasa has a model loaded and answers."""
        try:
            address = f"{self._url}/status"
            async with self._client().get(address, params=self._parameters) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def close(self) -> None:
        """Give the connections back."""
        if self._session:
            await self._session.close()
            self._session = None

    async def _parse(self, text: str) -> bytes:
        address = f"{self._url}/model/parse"
        body = {"text": text}
        client = self._client()
        async with client.post(
            address, params=self._parameters, json=body, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise aiohttp.ClientError(response.status)
            return await response.read()

    def _client(self) -> aiohttp.ClientSession:
        # Made here, not in __init__: a session belongs to the loop that runs now.
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session
