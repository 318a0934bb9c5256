"""Rasa over HTTP: what counts as an answer, and that its troubles never become ours."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.embedded import rasa as embedded
from bot.rasa import FAILURES, INTENTS, LONGEST_TEXT, PAUSE_SECONDS, Rasa
from nlu.data import LANGUAGES

ROOT = Path(__file__).parents[2]
TOKEN = "right"
GREET = {"intent": {"name": "greet", "confidence": 0.9}, "entities": [], "intent_ranking": []}


class Stub:
    """Answers like Rasa, and refuses what Rasa refuses."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answer: str = json.dumps(GREET)
        self.status = 200
        self.delay = 0.0

    async def parse(self, request: web.Request) -> web.Response:
        if request.query.get("token") != TOKEN:
            return web.Response(status=401)
        body = await request.json()
        if not isinstance(body.get("text"), str):
            return web.Response(status=500)
        self.heard.append(body["text"])
        await asyncio.sleep(self.delay)
        return web.Response(text=self.answer, status=self.status)

    async def state(self, request: web.Request) -> web.Response:
        right = request.query.get("token") == TOKEN
        return web.json_response({"model_file": "x"}, status=200 if right else 401)


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def url(stub: Stub) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/model/parse", stub.parse)
    app.router.add_get("/status", stub.state)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def rasa(url: str, clock: Clock) -> AsyncIterator[Rasa]:
    client = Rasa(url, TOKEN, timeout_seconds=0.3, now=clock)
    yield client
    await client.close()


async def test_an_intent_is_returned_by_its_name(rasa: Rasa, stub: Stub) -> None:
    assert await rasa.intent("hello") == "greet"
    assert stub.heard == ["hello"]


SENT = [
    pytest.param("/delete_data", "delete data", id="an order is only text"),
    pytest.param(' /\n//stop{"a":1}', 'stop{"a":1}', id="slashes behind spaces"),
    pytest.param("क" * 5000, "क" * LONGEST_TEXT, id="too long"),
]


@pytest.mark.parametrize(("said", "sent"), SENT)
async def test_what_rasa_gets_to_read(rasa: Rasa, stub: Stub, said: str, sent: str) -> None:
    await rasa.intent(said)
    assert stub.heard == [sent]


@pytest.mark.parametrize("text", ["", "  ", "///", "/ /"])
async def test_nothing_to_read_asks_nothing(rasa: Rasa, stub: Stub, text: str) -> None:
    assert await rasa.intent(text) is None
    assert stub.heard == []


STRANGE = [
    pytest.param(200, json.dumps({"intent": {"name": "nlu_fallback"}}), id="unsure"),
    pytest.param(200, json.dumps({"intent": {"name": "make_me_rich"}}), id="unknown"),
    pytest.param(200, json.dumps({"intent": {"name": None}}), id="no name"),
    pytest.param(200, json.dumps({"intent": {"name": 7}}), id="a number"),
    pytest.param(200, json.dumps({"intent": None}), id="no intent"),
    pytest.param(200, json.dumps(["greet"]), id="a list"),
    pytest.param(200, "<html>", id="not JSON"),
    pytest.param(200, "", id="nothing"),
    pytest.param(500, json.dumps(GREET), id="an error"),
    pytest.param(302, json.dumps(GREET), id="a redirect to nowhere"),
]


@pytest.mark.parametrize(("status", "answer"), STRANGE)
async def test_no_guess(rasa: Rasa, stub: Stub, status: int, answer: str) -> None:
    stub.status, stub.answer = status, answer
    assert await rasa.intent("hello") is None


async def test_a_slow_rasa_costs_no_more_than_the_timeout(rasa: Rasa, stub: Stub) -> None:
    stub.delay = 5
    begun = time.monotonic()
    assert await rasa.intent("hello") is None
    assert time.monotonic() - begun < 1


async def test_after_three_failures_it_is_left_alone(rasa: Rasa, stub: Stub, clock: Clock) -> None:
    stub.status = 500
    for _ in range(FAILURES + 4):
        await rasa.intent("hello")
    assert len(stub.heard) == FAILURES
    stub.status = 200
    clock.now += PAUSE_SECONDS - 0.1
    assert await rasa.intent("hello") is None
    clock.now += 0.2
    assert await rasa.intent("hello") == "greet"
    assert await rasa.intent("hello") == "greet"


async def test_after_the_pause_a_single_question_finds_out(
    rasa: Rasa, stub: Stub, clock: Clock
) -> None:
    stub.status = 500
    for _ in range(FAILURES):
        await rasa.intent("hello")
    clock.now += PAUSE_SECONDS + 1
    await asyncio.gather(*(rasa.intent("hello") for _ in range(5)))
    assert len(stub.heard) == FAILURES + 1


async def test_nobody_there() -> None:
    client = Rasa("http://127.0.0.1:1")
    assert await client.intent("hello") is None
    assert not await client.alive()
    await client.close()


async def test_alive_needs_the_right_token(rasa: Rasa, url: str) -> None:
    assert await rasa.alive()
    stranger = Rasa(url, "wrong")
    assert not await stranger.alive()
    await stranger.close()


def test_the_training_data_and_the_code_name_the_same_intents() -> None:
    for file in (ROOT / "nlu/training").glob("*.yml"):
        names = [block["intent"] for block in yaml.safe_load(file.read_text())["nlu"]]
        assert sorted(names) == sorted(INTENTS), file.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_twelve_phrases_and_six_in_latin_letters(language: str) -> None:
    for name, least in ((language, 12), (f"rom_{language}", 6)):
        if name != "rom_en":
            content = yaml.safe_load((ROOT / f"nlu/training/{name}.yml").read_text())
            few = {b["intent"] for b in content["nlu"] if len(b["examples"].splitlines()) < least}
            assert not few, name


def test_no_phrase_stands_under_two_intents() -> None:
    seen: dict[str, str] = {}
    for file in sorted((ROOT / "nlu/training").glob("*.yml")):
        for block in yaml.safe_load(file.read_text())["nlu"]:
            for phrase in re.findall(r"^- (.+)$", block["examples"], re.MULTILINE):
                assert seen.setdefault(phrase.casefold(), block["intent"]) == block["intent"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Rasa]:
    """A real Rasa, as `saathi run` starts it."""
    if not (ROOT / ".venv-nlu/bin/rasa").exists():
        pytest.skip("Rasa is not installed: `make setup`")
    said: list[str] = []
    started = embedded.start(tmp_path_factory.mktemp("rasa"), said.append)
    yield started
    started.stop()
    assert said == []


async def up(client: Rasa, seconds: float = 140) -> None:
    end = time.monotonic() + seconds
    while not await client.alive():
        assert time.monotonic() < end
        await asyncio.sleep(0.3)


REAL = [
    ("how much do I have to pay for this", "cost"),
    ("मुझे किसी आदमी से बात करनी है", "human"),
    ("mera case kaha tak pahucha", "status"),
    ("please erase my data", "delete_data"),
    ("xyzzy plugh qwfp", None),
    ("/delete_data", "delete_data"),  # read as words, not as an order
    ("/made_up_intent", None),
]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_real_rasa(running: embedded.Rasa) -> None:
    client = Rasa(running.url, running.token)
    await up(client)
    got = [(text, await client.intent(text)) for text, _ in REAL]
    stranger = Rasa(running.url, "wrong")
    assert not await stranger.alive()
    for each in (client, stranger):
        await each.close()
    assert got == REAL
    log = (running.folder / "rasa.log").read_text()
    assert "plugh" not in log
    assert running.token not in log


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_killed_rasa_comes_back(running: embedded.Rasa) -> None:
    client = Rasa(running.url, running.token)
    await up(client)
    pid = json.loads((running.folder / "rasa.pid").read_text())["pid"]
    os.kill(pid, 9)
    assert await client.intent("hello") is None
    await up(client)
    assert await client.intent("hello") == "greet"
    await client.close()


@pytest.mark.parametrize(
    ("name", "confidence", "taken"),
    [("skip", 0.59, False), ("skip", 0.61, True), ("back", 0.4, False), ("cost", 0.26, True)],
)
async def test_what_a_wrong_guess_would_cost_decides_how_sure_it_must_be(
    stub: Stub, url: str, name: str, confidence: float, *, taken: bool
) -> None:
    stub.answer = json.dumps({"intent": {"name": name, "confidence": confidence}})
    rasa = Rasa(url, TOKEN)
    assert await rasa.intent("some words") == (name if taken else None)
    await rasa.close()
