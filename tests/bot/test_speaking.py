"""Replies read aloud by Polly's own service model; whatever fails, there is only no sound."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from bot.speaking import LANGUAGES, LONGEST_TEXT, Mouth, amazon, open_mouth
from tests.servers import free_port

TEXT = "नमस्ते आशा, आपकी PET-CT रिपोर्ट मिल गई।"
SOUND = b"ID3\x03\x00 a voice"
GOOD = {
    "Text": TEXT,
    "VoiceId": "Kajal",
    "Engine": "neural",
    "LanguageCode": "hi-IN",
    "OutputFormat": "mp3",
}


@pytest.fixture
def polly(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    return amazon("polly", "ap-south-1")


@pytest.fixture
def stub(polly: Any) -> Iterator[Stubber]:
    with Stubber(polly) as stubber:
        yield stubber


def spoken(sound: bytes = SOUND) -> dict[str, Any]:
    return {"AudioStream": StreamingBody(io.BytesIO(sound), len(sound))}


@pytest.mark.parametrize(("language", "code"), [("hi", "hi-IN"), ("en", "en-IN")])
async def test_a_reply_is_spoken(polly: Any, stub: Stubber, language: str, code: str) -> None:
    stub.add_response("synthesize_speech", spoken(), GOOD | {"LanguageCode": code})
    assert await Mouth(polly).say(TEXT, language) == SOUND
    stub.assert_no_pending_responses()


async def test_the_longest_text_is_spoken(polly: Any, stub: Stubber) -> None:
    longest = "x" * LONGEST_TEXT
    stub.add_response("synthesize_speech", spoken(), GOOD | {"Text": longest})
    assert await Mouth(polly).say(longest, "hi") == SOUND


SILENT = [
    pytest.param(TEXT, "bn", id="no voice"),
    pytest.param(TEXT, "", id="no language"),
    pytest.param("x" * (LONGEST_TEXT + 1), "hi", id="too long"),
    pytest.param(" \n", "hi", id="nothing to say"),
]


@pytest.mark.parametrize(("text", "language"), SILENT)
async def test_polly_is_not_asked(polly: Any, stub: Stubber, text: str, language: str) -> None:
    stub.add_response("synthesize_speech", spoken())
    assert await Mouth(polly).say(text, language) is None
    with pytest.raises(AssertionError):
        stub.assert_no_pending_responses()


async def test_an_empty_sound_is_none(polly: Any, stub: Stubber) -> None:
    stub.add_response("synthesize_speech", spoken(b""))
    assert await Mouth(polly).say(TEXT, "hi") is None


@pytest.mark.parametrize(
    ("code", "status"), [("ServiceFailureException", 500), ("AccessDeniedException", 400)]
)
async def test_an_error_is_no_sound(polly: Any, stub: Stubber, code: str, status: int) -> None:
    stub.add_client_error("synthesize_speech", code, TEXT, status)
    stub.add_response("synthesize_speech", spoken())
    mouth = Mouth(polly)
    assert await mouth.say(TEXT, "hi") is None
    assert await mouth.say(TEXT, "hi") == SOUND


async def test_a_broken_stream_is_no_sound(polly: Any, stub: Stubber) -> None:
    cut = StreamingBody(io.BytesIO(SOUND), len(SOUND) + 1)
    stub.add_response("synthesize_speech", {"AudioStream": cut})
    assert await Mouth(polly).say(TEXT, "hi") is None


class Away:
    """A Polly nobody reaches; counts who tried."""

    tried = 0

    def synthesize_speech(self, **_: str) -> None:
        self.tried += 1
        raise EndpointConnectionError(endpoint_url="https://polly")


async def test_after_five_failures_it_is_left_alone() -> None:
    away = Away()
    mouth = Mouth(away)
    assert [await mouth.say(TEXT, "hi") for _ in range(7)] == [None] * 7
    assert away.tried == 5


async def test_a_success_between_failures_counts(polly: Any, stub: Stubber) -> None:
    mouth, heard = Mouth(polly), list[bytes | None]()
    for _ in range(3):
        for _ in range(4):
            stub.add_client_error("synthesize_speech", http_status_code=500)
            heard.append(await mouth.say(TEXT, "hi"))
        stub.add_response("synthesize_speech", spoken())
        heard.append(await mouth.say(TEXT, "hi"))
    assert heard == [None, None, None, None, SOUND] * 3


async def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(AttributeError):
        await Mouth(None).say(TEXT, "hi")


async def test_an_error_is_logged_by_its_code(
    stub: Stubber, polly: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stub.add_client_error("synthesize_speech", "ServiceFailureException", TEXT, 500)
    await Mouth(polly).say(TEXT, "hi")
    assert "not spoken: ServiceFailureException" in caplog.text
    assert "PET-CT" not in caplog.text


async def test_nothing_said_is_logged_on_the_way_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "boto3", "botocore", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_POLLY", f"http://127.0.0.1:{free_port()}")
    assert await open_mouth("ap-south-1").say(TEXT, "hi") is None
    assert "not spoken: EndpointConnectionError" in caplog.text
    assert "PET-CT" not in caplog.text


def test_polly_knows_the_voice() -> None:
    model = boto3.client("polly", region_name="ap-south-1").meta.service_model
    assert set(LANGUAGES.values()) <= set(model.shape_for("LanguageCode").enum)
    assert "Kajal" in model.shape_for("VoiceId").enum
    assert "neural" in model.shape_for("Engine").enum


def test_it_opens_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    config = amazon("polly").meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries["total_max_attempts"] == 2
    assert amazon("polly", "us-east-1").meta.region_name == "us-east-1"
    assert isinstance(open_mouth(), Mouth)
