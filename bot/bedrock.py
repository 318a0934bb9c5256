"""Asks a model of Amazon Bedrock what a text means. Whatever goes wrong there is `Unclear`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from bot import clock
from bot.bedrock_answer import TOOL, checked
from bot.bedrock_prompt import request
from bot.breaker import Breaker
from nlu.meaning import Context, Meaning, Unclear

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 4.0
FAILURES, PAUSE_SECONDS = 3, 60.0
# Documents go through the same threads: a slow model must leave them some.
AT_ONCE = 8
LONGEST_CODE = 60


class Runtime(Protocol):
    """The one call of boto3's `bedrock-runtime` client that we make."""

    def converse(self, **request: Any) -> Mapping[str, Any]: ...


async def always() -> bool:
    """No budget."""
    return True


def today() -> date:
    """The day in India."""
    return clock.now().date()


def runtime(
    region: str = "", endpoint_url: str = "", timeout_seconds: float = TIMEOUT_SECONDS
) -> Runtime:
    """A client by the usual AWS settings (environment, profile, role)."""
    # At DEBUG botocore writes whole requests.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    config = Config(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=AT_ONCE,
    )
    client: Runtime = boto3.Session().client(
        "bedrock-runtime",
        region_name=region or None,
        endpoint_url=endpoint_url or None,
        config=config,
    )
    return client


class Bedrock:
    """A stronger reader, for what the others leave open; it sees masked texts only.

    `spend` is asked before each call (`Budget.spend`). After three failures in a row the
    model is left alone for a minute.
    """

    def __init__(
        self,
        client: Runtime,
        model: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        spend: Callable[[], Awaitable[bool]] = always,
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = today,
    ) -> None:
        self._client, self._model, self._timeout = client, model, timeout_seconds
        self._spend, self._today = spend, today
        self._breaker = Breaker(FAILURES, PAUSE_SECONDS, now)
        self._under_way = 0

    async def read(
        self, text: str, context: Context, language: str, names: Sequence[str] = ()
    ) -> Meaning:
        """What a text means for the pending question; never an alarm, a stop or a consent.

        Not for questions that erase or read an answer back: their yes looks like any other.
        """
        day = self._today()
        asked = request(text, context, language, names, day)
        if not asked or self._under_way >= AT_ONCE:
            return Unclear()
        self._under_way += 1
        try:
            given = await self._asked(asked) if await self._may_ask() else None
        finally:
            self._under_way -= 1
        return Unclear() if given is None else checked(given, context, day)

    async def _may_ask(self) -> bool:
        return not self._breaker.resting() and await self._spend()

    async def _asked(self, asked: dict[str, Any]) -> Mapping[str, Any] | None:
        try:
            given = reported(await self._converse(asked))
        except Exception as error:
            # All of them: what is optional must never cost a turn.
            self._breaker.failed()
            log.warning("Bedrock: %s", kind_of(error))
            return None
        self._breaker.worked()
        return given

    async def _converse(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        # botocore's own time-outs begin anew with every piece that it reads.
        async with asyncio.timeout(self._timeout):
            return await asyncio.to_thread(self._client.converse, modelId=self._model, **asked)


def reported(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the model gave to the tool; raises where it did anything else."""
    if response["stopReason"] != "tool_use":
        raise ValueError("no tool was used")
    content = response["output"]["message"]["content"]
    (use,) = [block["toolUse"] for block in content if "toolUse" in block]
    if use["name"] != TOOL or not isinstance(use["input"], dict):
        raise ValueError("not our tool")
    given: Mapping[str, Any] = use["input"]
    return given


def kind_of(error: Exception) -> str:
    """A failure's kind: AWS's code or the class, never its words, which may quote the text."""
    code = str(error.response["Error"].get("Code")) if isinstance(error, ClientError) else ""
    # What stands between us and AWS may put anything there.
    return code if code.isalnum() and len(code) < LONGEST_CODE else type(error).__name__
