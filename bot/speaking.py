"""Reads replies aloud by Amazon Polly, through boto3 in threads."""

import asyncio
import logging
from contextlib import closing
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bot.breaker import Breaker

# Kajal speaks both; no other of our languages has a voice there.
LANGUAGES = {"hi": "hi-IN", "en": "en-IN"}
LONGEST_TEXT = 3_000
TROUBLE = (BotoCoreError, ClientError, OSError)
IMPATIENT = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)

log = logging.getLogger(__name__)


class Mouth:
    """Polly. Whatever goes wrong there, a reply is only read, not heard."""

    def __init__(self, polly: Any) -> None:  # boto3 has no types for it
        self._polly = polly
        self._breaker = Breaker()

    async def say(self, text: str, language: str) -> bytes | None:
        """An MP3 of the text, or None where there is no voice for it now."""
        code = LANGUAGES.get(language)
        if not code or not text.strip() or len(text) > LONGEST_TEXT or self._breaker.resting():
            return None
        try:
            spoken = await asyncio.to_thread(self._speak, text, code)
        except TROUBLE as error:
            log.warning("a reply was not spoken: %s", reason(error))
            self._breaker.failed()
            return None
        self._breaker.worked()
        return spoken or None

    def _speak(self, text: str, code: str) -> bytes:
        answer = self._polly.synthesize_speech(
            Text=text, VoiceId="Kajal", Engine="neural", LanguageCode=code, OutputFormat="mp3"
        )
        with closing(answer["AudioStream"]) as stream:
            return bytes(stream.read())


def open_mouth(region: str = "") -> Mouth:
    """Polly in a region, by the usual AWS settings (environment, profile, role)."""
    return Mouth(amazon("polly", region))


def amazon(service: str, region: str = "") -> Any:
    """A client of one of Amazon's services that gives up early and keeps what it sends secret."""
    # At DEBUG level they write every text and key into the log.
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its own session: the default one keeps the keys that it saw first.
    return boto3.Session().client(service, region_name=region or None, config=IMPATIENT)


def reason(error: Exception) -> str:
    """What to write down of an error: Amazon's code or a type, never its text."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
    return code or type(error).__name__
