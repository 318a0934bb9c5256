"""Voice notes by Transcribe's own service model and a real S3; nothing stays behind."""

import asyncio
import io
import json
import logging
import os
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import ANY, Stubber

from bot.breaker import FAILURES
from bot.hearing import FORMATS, GIVEN_UP_AFTER, LANGUAGES, MOST_BYTES, Ears, NotHeard, open_ears
from bot.speaking import amazon
from nlu import data
from tests.servers import S3, Servers

# SeaweedFS encrypts at rest (SSE-S3) only with a key of its own; it inherits this one.
os.environ.setdefault("WEED_S3_SSE_KEY", "a key for tests only")

AUDIO = b"OggS\x00\x02 a voice note of Asha Devi"
WORDS = "मुझे स्तन कैंसर है"
START, GET, DELETE = (f"{verb}_transcription_job" for verb in ("start", "get", "delete"))
NAME = re.compile(r"[0-9a-f]{32}")
AWAY = EndpointConnectionError(endpoint_url="https://transcribe")


def transcript(*said: str) -> bytes:
    results = {"transcripts": [{"transcript": each} for each in said], "items": []}
    return json.dumps({"jobName": "x", "results": results, "status": "COMPLETED"}).encode()


class MemoryBucket:
    """As much of S3 as is used, for tests without a server; the slow ones hold it to the real."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.sealed: dict[str, str] = {}

    def put_object(self, **given: Any) -> None:
        self.files[given["Key"]] = given["Body"]
        self.sealed[given["Key"]] = given["ServerSideEncryption"]

    def get_object(self, **given: Any) -> dict[str, Any]:
        if found := self.files.get(given["Key"]):
            return {"Body": io.BytesIO(found)}
        answer: Any = {"ResponseMetadata": {"HTTPStatusCode": 404}, "Error": {"Code": "NoSuchKey"}}
        raise ClientError(answer, "GetObject")

    def head_object(self, **given: Any) -> dict[str, str]:
        return {"ServerSideEncryption": self.sealed[given["Key"]]}

    def delete_object(self, **given: Any) -> None:
        self.files.pop(given["Key"], None)


class Rig:
    """Ears whose Transcribe answers as told, whose clock moves only while they sleep."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.transcribe = amazon("transcribe", "ap-south-1")
        self.transcribe.meta.events.register("provide-client-params.transcribe.*", self._asked)
        self.stub = Stubber(self.transcribe)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.held: list[dict[str, bytes]] = []
        self.pauses: list[float] = []
        self.now = 100.0
        self.writes: bytes | None = transcript(WORDS)
        self.while_asleep: Callable[[], Awaitable[None]] | None = None
        self.ears = Ears(s3, self.transcribe, bucket, now=lambda: self.now, sleep=self._sleep)

    def told(self, *statuses: str, why: str = "") -> None:
        """A job that starts, goes through these states and can be deleted."""
        self.stub.add_response(START, {})
        for status in statuses:
            reason = {"FailureReason": why} if status == "FAILED" and why else {}
            job = {"TranscriptionJobStatus": status, **reason}
            self.stub.add_response(GET, {"TranscriptionJob": job}, {"TranscriptionJobName": ANY})
        self.stub.add_response(DELETE, {}, {"TranscriptionJobName": ANY})

    async def hear(self, audio: bytes = AUDIO, mime: str = "audio/ogg", code: str = "hi") -> str:
        return await self.ears.hear(audio, mime, code)

    async def kind(self, audio: bytes = AUDIO, mime: str = "audio/ogg", code: str = "hi") -> str:
        with pytest.raises(NotHeard) as caught:
            await self.hear(audio, mime, code)
        assert str(caught.value) == caught.value.kind
        return caught.value.kind

    def files(self) -> dict[str, bytes]:
        """All that is in the bucket."""
        if isinstance(self.s3, MemoryBucket):
            return dict(self.s3.files)
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        keys = [each["Key"] for each in listed]
        read = self.s3.get_object
        return {key: read(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}

    def clean(self) -> bool:
        """Whether nothing is left and every order that was expected came."""
        self.stub.assert_no_pending_responses()
        return not self.files()

    @property
    def order(self) -> dict[str, Any]:
        """What the last job was started with."""
        return next(given for name, given in reversed(self.asked) if name == START)

    def _asked(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()
        self.asked.append((name, dict(params)))

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.held.append(self.files())
        if self.while_asleep:
            await self.while_asleep()
        if self.writes is not None:
            place = {"Bucket": self.bucket, "Key": self.order["OutputKey"]}
            self.s3.put_object(**place, Body=self.writes, ServerSideEncryption="AES256")


@pytest.fixture(scope="module")
def bucket(servers: Servers) -> S3:
    """One bucket for all: SeaweedFS sets several volumes apart for each."""
    return servers.s3.bucket()


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest) -> tuple[Any, str]:
    """A client of a bucket, and its name."""
    if request.param == "memory":
        return MemoryBucket(), "notes"
    real: S3 = request.getfixturevalue("bucket")
    return real.client(), real.bucket


# After the place: SeaweedFS would take these for an identity of its own.
@pytest.fixture
def rig(place: tuple[Any, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    made = Rig(*place)
    with made.stub:
        yield made
    for key in made.files():
        made.s3.delete_object(Bucket=made.bucket, Key=key)


async def test_the_words_are_heard_and_nothing_is_left(rig: Rig) -> None:
    rig.told("QUEUED", "IN_PROGRESS", "COMPLETED")
    assert await rig.hear() == WORDS
    assert rig.clean()
    assert [name for name, _ in rig.asked] == [START, GET, GET, GET, DELETE]


async def test_the_job_is_told_all_it_needs(rig: Rig) -> None:
    rig.told("COMPLETED")
    await rig.hear(mime="audio/MP4; codecs=mp4a", code="or")
    (key,) = rig.held[0]
    assert rig.held[0][key] == AUDIO
    assert rig.order == {
        "TranscriptionJobName": ANY,
        "LanguageCode": "or-IN",
        "MediaFormat": "mp4",
        "Media": {"MediaFileUri": f"s3://{rig.bucket}/{key}"},
        "OutputBucketName": rig.bucket,
        "OutputKey": f"{key}.json",
    }
    names = {given["TranscriptionJobName"] for _, given in rig.asked}
    assert names == {rig.order["TranscriptionJobName"]}


async def test_names_are_random_and_tell_nothing(rig: Rig) -> None:
    names = set()
    for _ in range(2):
        rig.told("COMPLETED")
        await rig.hear()
        (key,) = rig.held.pop()
        assert NAME.fullmatch(rig.order["TranscriptionJobName"])
        assert NAME.fullmatch(key.removeprefix("voice/"))
        names |= {rig.order["TranscriptionJobName"], key, rig.order["OutputKey"]}
    assert len(names) == 6


async def test_a_note_lies_there_encrypted(rig: Rig) -> None:
    seen = list[str]()

    async def look() -> None:
        (key,) = rig.held[0]
        seen.append(rig.s3.head_object(Bucket=rig.bucket, Key=key)["ServerSideEncryption"])

    rig.while_asleep = look
    rig.told("COMPLETED")
    await rig.hear()
    assert seen == ["AES256"]


async def test_pauses_grow_to_five_seconds(rig: Rig) -> None:
    rig.told(*["IN_PROGRESS"] * 6, "COMPLETED")
    await rig.hear()
    assert rig.pauses == [1.0, 1.5, 2.25, 3.375, 5.0, 5.0, 5.0]


SAID = [
    pytest.param(transcript(" दो ", "तीन\n"), "दो तीन", id="two channels"),
    pytest.param(transcript("", "हाँ"), "हाँ", id="one of two is silent"),
]


@pytest.mark.parametrize(("written", "words"), SAID)
async def test_what_is_written_is_joined(rig: Rig, written: bytes, words: str) -> None:
    rig.writes = written
    rig.told("COMPLETED")
    assert await rig.hear() == words


UNREADABLE = [
    pytest.param(transcript(), id="no transcript"),
    pytest.param(transcript(" \n", ""), id="silence"),
    pytest.param(b"{", id="not json"),
    pytest.param(b'{"results": []}', id="another shape"),
    pytest.param(b'{"results": {"transcripts": [{"transcript": "\xff"}]}}', id="not utf-8"),
    pytest.param(None, id="none written"),
]


@pytest.mark.parametrize("written", UNREADABLE)
async def test_no_words_is_a_failure(rig: Rig, written: bytes | None) -> None:
    rig.writes = written
    rig.told("COMPLETED")
    assert await rig.kind() == "failed"
    assert rig.clean()


REFUSED = [
    pytest.param(AUDIO, "audio/ogg", "as", "language", id="Assamese"),
    pytest.param(AUDIO, "audio/ogg", "ur", "language", id="Urdu"),
    pytest.param(AUDIO, "audio/ogg", "", "language", id="no language yet"),
    pytest.param(AUDIO, "image/jpeg", "hi", "format", id="a photo"),
    pytest.param(AUDIO, "audio/midi", "hi", "format", id="music"),
    pytest.param(AUDIO, "", "hi", "format", id="no type"),
    pytest.param(b"x" * (MOST_BYTES + 1), "audio/ogg", "hi", "too_long", id="16 MB and a byte"),
]


@pytest.mark.parametrize(("audio", "mime", "code", "kind"), REFUSED)
async def test_amazon_is_not_asked(rig: Rig, audio: bytes, mime: str, code: str, kind: str) -> None:
    assert await rig.kind(audio, mime, code) == kind
    assert rig.asked == []
    assert rig.files() == {}


async def test_sixteen_megabytes_are_heard(rig: Rig) -> None:
    rig.told("COMPLETED")
    assert await rig.hear(b"x" * MOST_BYTES) == WORDS


MISMATCH = "The media format provided does not match the detected media format."
FAILED = [
    pytest.param(MISMATCH, "format", id="another format"),
    pytest.param("Unsupported media format.", "format", id="unsupported"),
    pytest.param("Invalid sample rate for audio file", "failed", id="sample rate"),
    pytest.param("", "failed", id="no reason"),
]


@pytest.mark.parametrize(("why", "kind"), FAILED)
async def test_a_failed_job_says_what_kind(rig: Rig, why: str, kind: str) -> None:
    rig.told("IN_PROGRESS", "FAILED", why=why)
    assert await rig.kind() == kind
    assert rig.clean()


ERRORS = [
    pytest.param("BadRequestException", 400, "failed", id="refused"),
    pytest.param("AccessDeniedException", 400, "failed", id="not allowed"),
    pytest.param("LimitExceededException", 400, "away", id="too many at once"),
    pytest.param("ThrottlingException", 400, "away", id="too fast"),
    pytest.param("InternalFailureException", 500, "away", id="their fault"),
]


@pytest.mark.parametrize(("code", "status", "kind"), ERRORS)
async def test_an_error_at_the_start(rig: Rig, code: str, status: int, kind: str) -> None:
    rig.stub.add_client_error(START, code, WORDS, status)
    rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
    assert await rig.kind() == kind
    assert rig.clean()


@pytest.mark.parametrize(("code", "status", "kind"), ERRORS)
async def test_an_error_on_the_way(rig: Rig, code: str, status: int, kind: str) -> None:
    rig.stub.add_response(START, {})
    rig.stub.add_client_error(GET, code, WORDS, status)
    rig.stub.add_response(DELETE, {})
    assert await rig.kind() == kind
    assert rig.clean()


class Unreached:
    """A Transcribe nobody reaches; counts who tried."""

    tried = 0

    def start_transcription_job(self, **_: object) -> None:
        self.tried += 1
        raise AWAY

    def delete_transcription_job(self, **_: object) -> None:
        raise AWAY


async def test_away_is_said_and_after_five_times_not_even_tried(rig: Rig) -> None:
    away = Unreached()
    rig.ears = Ears(rig.s3, away, rig.bucket, now=lambda: rig.now)
    assert [await rig.kind() for _ in range(FAILURES + 2)] == ["away"] * (FAILURES + 2)
    assert away.tried == FAILURES
    assert rig.files() == {}
    rig.now += 3600
    await rig.kind()
    assert away.tried == FAILURES + 1


async def test_a_bucket_that_is_away(rig: Rig) -> None:
    rig.ears = Ears(amazon("s3", "us-east-1"), rig.transcribe, "no.such.bucket.invalid")
    rig.ears._s3.meta.events.register("before-send.s3", _unreachable)
    assert await rig.kind() == "away"
    assert rig.asked == []


def _unreachable(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://s3")


async def test_a_late_job_is_removed_once_it_ends(rig: Rig) -> None:
    rig.writes = None
    rig.stub.add_response(START, {})
    running = {"TranscriptionJob": {"TranscriptionJobStatus": "IN_PROGRESS"}}
    for _ in range(21):
        rig.stub.add_response(GET, running)
    rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
    assert await rig.kind() == "late"
    assert sum(rig.pauses) == 90
    assert rig.clean()
    late = rig.order
    rig.s3.put_object(
        Bucket=rig.bucket, Key=late["OutputKey"], Body=b"{}", ServerSideEncryption="AES256"
    )
    rig.stub.add_response(DELETE, {}, {"TranscriptionJobName": late["TranscriptionJobName"]})
    await rig.ears.tidy()
    assert rig.clean()


async def test_the_next_note_takes_along_what_was_left(rig: Rig) -> None:
    rig.stub.add_response(START, {})
    rig.stub.add_response(
        GET,
        {"TranscriptionJob": {"TranscriptionJobStatus": "FAILED"}},
        {"TranscriptionJobName": ANY},
    )
    rig.stub.add_client_error(DELETE, "InternalFailureException", http_status_code=500)
    await rig.kind()
    assert [*rig.files().values()] == [rig.writes]
    rig.told("COMPLETED")
    rig.stub.add_response(DELETE, {}, {"TranscriptionJobName": rig.order["TranscriptionJobName"]})
    assert await rig.hear() == WORDS
    assert rig.clean()


async def test_what_cannot_be_removed_is_given_up_in_the_end(rig: Rig) -> None:
    rig.stub.add_client_error(START, "BadRequestException", http_status_code=400)
    for _ in range(2):
        rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
    await rig.kind()
    rig.now += GIVEN_UP_AFTER
    for _ in range(3):
        await rig.ears.tidy()
    assert rig.clean()
    assert [name for name, _ in rig.asked] == [START, DELETE, DELETE]


async def test_one_that_cannot_go_does_not_hold_the_rest(rig: Rig) -> None:
    rig.stub.add_client_error(START, "BadRequestException", http_status_code=400)
    rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
    await rig.kind()
    for _ in range(2):
        rig.told("COMPLETED")
        rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
        assert await rig.hear() == WORDS
    assert rig.clean()


async def test_what_is_left_takes_turns(rig: Rig) -> None:
    names = list[str]()
    for _ in range(2):
        rig.stub.add_client_error(START, "BadRequestException", http_status_code=400)
        rig.stub.add_client_error(DELETE, "BadRequestException", http_status_code=400)
        await rig.kind()
        names.append(rig.order["TranscriptionJobName"])
    for name in names:
        rig.stub.add_response(DELETE, {}, {"TranscriptionJobName": name})
    await rig.ears.tidy()
    assert rig.clean()


async def test_a_success_between_failures_counts(rig: Rig) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            rig.stub.add_client_error(START, http_status_code=500)
            rig.stub.add_response(DELETE, {})
            assert await rig.kind() == "away"
        rig.told("COMPLETED")
        assert await rig.hear() == WORDS
    assert rig.clean()


async def test_cancelled_it_cleans_up(rig: Rig) -> None:
    asleep = asyncio.Event()

    async def forever() -> None:
        asleep.set()
        await asyncio.Event().wait()

    rig.while_asleep = forever
    rig.told()
    task = asyncio.create_task(rig.hear())
    await asleep.wait()
    assert rig.files()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.clean()


class SlowBucket(MemoryBucket):
    """Holds one kind of call until let go."""

    def __init__(self, held: str) -> None:
        super().__init__()
        self.held, self.begun, self.go_on = held, threading.Event(), threading.Event()
        self.ended = threading.Event()

    def put_object(self, **given: Any) -> None:
        self._hold("put")
        super().put_object(**given)
        self.ended.set()

    def delete_object(self, **given: Any) -> None:
        self._hold("delete")
        super().delete_object(**given)

    def _hold(self, kind: str) -> None:
        if kind == self.held:
            self.begun.set()
            self.go_on.wait(10)


@pytest.mark.parametrize("held", ["put", "delete"])
async def test_cancelled_in_a_thread_it_waits_and_cleans_up(
    held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    slow = SlowBucket(held)
    rig = Rig(slow, "notes")
    if held == "delete":
        rig.told("COMPLETED")
    else:
        rig.stub.add_response(DELETE, {})
    with rig.stub:
        task = asyncio.create_task(rig.hear())
        await asyncio.to_thread(slow.begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        slow.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await asyncio.to_thread(slow.ended.wait, 10)
    assert rig.clean()


async def test_no_word_and_no_key_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "boto3", "botocore", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    amazon("s3", "ap-south-1")
    rig.told("COMPLETED")
    await rig.hear()
    orders = [rig.order]
    rig.stub.add_client_error(START, "AccessDeniedException", WORDS, 400)
    rig.stub.add_client_error(DELETE, "InternalFailureException", WORDS, 500)
    await rig.kind()
    orders.append(rig.order)
    private = {order[field] for order in orders for field in ("TranscriptionJobName", "OutputKey")}
    private |= {"Asha", WORDS, json.dumps(WORDS)[1:-1], rig.held[0].popitem()[0]}
    assert [word for word in private if word in caplog.text] == []
    assert "not heard: AccessDeniedException" in caplog.text
    assert "not removed yet: InternalFailureException" in caplog.text


async def test_a_fault_of_ours_is_not_hidden(rig: Rig) -> None:
    rig.ears = Ears(rig.s3, None, rig.bucket)
    with pytest.raises(AttributeError):
        await rig.hear()


def test_transcribe_knows_our_codes_and_formats() -> None:
    model = boto3.Session().client("transcribe", region_name="ap-south-1").meta.service_model
    assert set(LANGUAGES.values()) <= set(model.shape_for("LanguageCode").enum)
    assert set(FORMATS.values()) <= set(model.shape_for("MediaFormat").enum)


def test_every_language_that_transcribe_knows_is_heard() -> None:
    model = boto3.client("transcribe", region_name="ap-south-1").meta.service_model
    known = {code.partition("-")[0] for code in model.shape_for("LanguageCode").enum}
    assert {code for code in data.LANGUAGES if code in known} == set(LANGUAGES)


def test_it_opens_in_a_region() -> None:
    ears = open_ears("notes", "ap-south-1")
    assert ears._transcribe.meta.region_name == ears._s3.meta.region_name == "ap-south-1"
