"""Makes words of voice notes by Amazon Transcribe, through boto3 in threads."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
from botocore.exceptions import ClientError

from bot.breaker import Breaker
from bot.speaking import TROUBLE, amazon, reason

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Kind = Literal["language", "format", "too_long", "failed", "late", "away"]
T = TypeVar("T")

# Transcribe knows no Assamese and no Urdu.
LANGUAGES = {each: f"{each}-IN" for each in "en hi bn te ta mr gu kn ml pa or".split()}
FORMATS = {
    **dict.fromkeys(("audio/ogg", "audio/opus", "application/ogg"), "ogg"),
    **dict.fromkeys(("audio/mpeg", "audio/mp3"), "mp3"),
    **dict.fromkeys(("audio/m4a", "audio/x-m4a", "audio/aac"), "m4a"),
    **dict.fromkeys(("audio/wav", "audio/x-wav", "audio/wave"), "wav"),
    **{"audio/mp4": "mp4", "audio/amr": "amr", "audio/webm": "webm"},
}
MOST_BYTES = 16 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT = 1.0, 5.0, 90.0
GIVEN_UP_AFTER = 900.0
BUSY = {"LimitExceededException", "ThrottlingException"}

log = logging.getLogger(__name__)


class NotHeard(Exception):
    """Why there are no words: a kind, never the words."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind: Kind = kind


class Line(msgspec.Struct):
    """The words of one channel of the recording."""

    transcript: str


class Results(msgspec.Struct):
    """All of them."""

    transcripts: list[Line]


class Transcript(msgspec.Struct):
    """The part that counts of what Transcribe writes into the bucket."""

    results: Results


class Ears:
    """Transcribe and a bucket of its region. Nothing is left there, heard or not."""

    def __init__(
        self,
        s3: "S3Client",
        transcribe: Any,  # boto3 has no types for it
        bucket: str,
        longest_wait: float = LONGEST_WAIT,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._s3, self._transcribe, self._bucket = s3, transcribe, bucket
        self._longest_wait, self._now, self._sleep = longest_wait, now, sleep
        self._breaker = Breaker(now=now)
        self._left = deque[tuple[str, float]]()

    async def hear(self, audio: bytes, mime: str, language: str) -> str:
        """The words said; raises NotHeard."""
        order = _order(audio, mime, language)
        if self._breaker.resting():
            raise NotHeard("away")
        name, born = secrets.token_hex(16), self._now()
        try:
            await self._start(name, audio, order)
            await self._end(name, born + self._longest_wait)
            return _words(await _call(self._read, name))
        except TROUBLE as error:
            raise self._blamed(error) from None
        finally:
            self._left.append((name, born))
            await _to_the_end(self.tidy())

    async def tidy(self) -> None:
        """Remove what notes left at Amazon; what cannot go yet is tried again the next time."""
        while self._left:
            name, born = self._left.pop()
            if not await self._gone(name):
                if self._now() - born < GIVEN_UP_AFTER:
                    self._left.appendleft((name, born))
                return

    async def _start(self, name: str, audio: bytes, order: Mapping[str, str]) -> None:
        place = {"Bucket": self._bucket, "Key": _audio(name)}
        await _call(self._s3.put_object, **place, Body=audio, ServerSideEncryption="AES256")
        await _call(
            self._transcribe.start_transcription_job,
            TranscriptionJobName=name,
            Media={"MediaFileUri": "s3://{Bucket}/{Key}".format(**place)},
            OutputBucketName=self._bucket,
            OutputKey=_transcript(name),
            **order,
        )
        self._breaker.worked()

    async def _end(self, name: str, until: float) -> None:
        pause = FIRST_PAUSE
        while (left := until - self._now()) > 0:
            await self._sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE)
            job = await _call(self._transcribe.get_transcription_job, TranscriptionJobName=name)
            if _finished(job["TranscriptionJob"]):
                return
        raise NotHeard("late")

    def _read(self, name: str) -> bytes:
        found = self._s3.get_object(Bucket=self._bucket, Key=_transcript(name))
        with closing(found["Body"]) as body:
            return body.read()

    async def _gone(self, name: str) -> bool:
        # In this order: a job that still runs cannot go, and may yet write a transcript.
        try:
            await _call(self._s3.delete_object, Bucket=self._bucket, Key=_audio(name))
            await _call(self._transcribe.delete_transcription_job, TranscriptionJobName=name)
            await _call(self._s3.delete_object, Bucket=self._bucket, Key=_transcript(name))
        except TROUBLE as error:
            log.warning("a voice note is not removed yet: %s", reason(error))
            return False
        return True

    def _blamed(self, error: Exception) -> NotHeard:
        log.warning("a voice note was not heard: %s", reason(error))
        if isinstance(error, ClientError) and not _busy(error):
            return NotHeard("failed")
        self._breaker.failed()
        return NotHeard("away")


def open_ears(bucket: str, region: str = "") -> Ears:
    """Ears by the usual AWS settings; bucket and Transcribe must be of one region."""
    return Ears(amazon("s3", region), amazon("transcribe", region), bucket)


def _order(audio: bytes, mime: str, language: str) -> Mapping[str, str]:
    form = FORMATS.get(mime.partition(";")[0].strip().lower())
    if language not in LANGUAGES:
        raise NotHeard("language")
    if not form:
        raise NotHeard("format")
    if len(audio) > MOST_BYTES:
        raise NotHeard("too_long")
    return {"LanguageCode": LANGUAGES[language], "MediaFormat": form}


def _audio(name: str) -> str:
    return f"voice/{name}"


def _transcript(name: str) -> str:
    return f"voice/{name}.json"


def _finished(job: Mapping[str, str]) -> bool:
    if job["TranscriptionJobStatus"] == "FAILED":
        raise NotHeard("format" if "media format" in job.get("FailureReason", "") else "failed")
    return job["TranscriptionJobStatus"] == "COMPLETED"


def _words(transcript: bytes) -> str:
    try:
        lines = msgspec.json.decode(transcript, type=Transcript).results.transcripts
    except (ValueError, msgspec.MsgspecError):
        raise NotHeard("failed") from None
    words = " ".join(line.transcript.strip() for line in lines).strip()
    if not words:
        raise NotHeard("failed")
    return words


def _busy(error: ClientError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status >= 500 or reason(error) in BUSY


async def _call(function: Callable[..., T], *given: Any, **named: Any) -> T:
    return await _to_the_end(asyncio.to_thread(function, *given, **named))


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    # A thread cannot be stopped: cancelled, we wait, or it would upload after the clean-up.
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(asyncio.shield(task), return_exceptions=True)
        raise
