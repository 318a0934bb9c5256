"""Content at Twilio: shapes made once, and a fake that refuses what Twilio refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.channels import Button, SendFailed
from bot.channels.twilio_content import Contents, Filled, check, list_picker, quick_reply
from bot.channels.twilio_http import API, CONTENT, TwilioHttp
from tests.fake_twilio import ACCOUNT, PUBLIC, SENDER, TOKEN, FakeTwilio, fake_twilio
from tests.twilio_fake.webhooks import sign

ASHA = "whatsapp:+919800000001"
YES, NO = Button("yes", "हाँ"), Button("no", "नहीं")


class Store:
    """Remembers in memory, and how often it was asked to."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.puts = 0

    async def get(self, key: str) -> str | None:
        """The id, if there is one."""
        return self.kept.get(key)

    async def put(self, key: str, sid: str) -> None:
        """Keep an id."""
        self.kept[key] = sid
        self.puts += 1


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with fake_twilio() as fake:
        yield fake


@pytest.fixture
async def make(twilio: FakeTwilio) -> AsyncIterator[Callable[[Store], Contents]]:
    http = TwilioHttp({API: twilio.url, CONTENT: twilio.url})
    client = Client(ACCOUNT, TOKEN, http_client=http)
    yield lambda store: Contents(client, store)
    await http.connections.close()


def test_a_shape_holds_no_words() -> None:
    filled = quick_reply("Asha, please answer.\n\nIs it so?", (YES, NO))
    assert filled.types == {
        "twilio/quick-reply": {
            "body": "{{1}}\n\n{{2}}",
            "actions": [
                {"type": "QUICK_REPLY", "title": "{{3}}", "id": "{{4}}"},
                {"type": "QUICK_REPLY", "title": "{{5}}", "id": "{{6}}"},
            ],
        }
    }
    assert list(filled.values.values()) == [
        "Asha, please answer.", "Is it so?", "हाँ", "yes", "नहीं", "no",
    ]  # fmt: skip


def test_the_same_shape_for_other_words_and_another_for_other_lines() -> None:
    one = quick_reply("Is it so?", (YES, NO))
    assert one.key == quick_reply("क्या ऐसा है?", (NO, YES)).key
    assert one.key != quick_reply("Is it so?", (YES,)).key
    assert one.key != quick_reply("Is it\nso?", (YES, NO)).key


def test_a_row_without_a_description_is_another_shape() -> None:
    bare, told = Button("a", "A"), Button("a", "A", about="first")
    items = list_picker("Which?", "Open", (told, bare)).types["twilio/list-picker"]["items"]
    assert "description" in items[0]
    assert "description" not in items[1]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param({"1": "a"}, "variables_missing", id="missing"),
        pytest.param({"1": "a", "2": "b", "3": "c"}, "variables_missing", id="one too many"),
        pytest.param({"1": "a", "2": ""}, "variables_empty", id="empty"),
        pytest.param({"1": "a", "2": " "}, "variables_empty", id="blank"),
        pytest.param({"1": "a", "2": "b" * 1601}, "variables_empty", id="too long"),
        pytest.param({"1": "a", "2": "b\nc"}, "variables_multiline", id="two lines"),
        pytest.param({"1": "a", "2": "b\tc"}, "variables_multiline", id="tab"),
        pytest.param({"1": "a", "2": "b     c"}, "variables_multiline", id="five spaces"),
        pytest.param({"1": "a", "2": "b\u2028c"}, "variables_multiline", id="line separator"),
    ],
)
def test_wrong_variables_are_refused_here(values: dict[str, str], code: str) -> None:
    with pytest.raises(SendFailed, match=code) as refused:
        check(values, frozenset({"1", "2"}))
    assert refused.value.permanent


async def test_made_once_by_many_at_the_same_time(
    twilio: FakeTwilio, make: Callable[[Store], Contents]
) -> None:
    store = Store()
    contents = make(store)
    sids = await asyncio.gather(*(contents.sid(quick_reply(t, (YES, NO))) for t in "abcdef"))
    assert len(set(sids)) == len(await twilio.look("contents")) == store.puts == 1


async def test_remembered_by_the_store_after_a_restart(
    twilio: FakeTwilio, make: Callable[[Store], Contents]
) -> None:
    store = Store()
    first = await make(store).sid(quick_reply("a", (YES,)))
    assert await make(store).sid(quick_reply("b", (YES,))) == first
    assert len(await twilio.look("contents")) == 1


async def test_a_lost_one_is_made_again_once(
    twilio: FakeTwilio, make: Callable[[Store], Contents]
) -> None:
    store = Store()
    contents = make(store)
    filled = quick_reply("a", (YES,))
    first = await contents.sid(filled)
    await twilio.lose_contents()
    again = await asyncio.gather(*(contents.sid(filled, lost=first) for _ in range(3)))
    assert len(set(again)) == 1
    assert again[0] != first
    assert store.kept[filled.key] == again[0]


async def test_nothing_said_is_in_a_resource(
    twilio: FakeTwilio, make: Callable[[Store], Contents]
) -> None:
    await make(Store()).sid(list_picker("Private words", "Open", (YES, NO)))
    (made,) = await twilio.look("contents")
    assert [word for word in ("Private", "Open", "हाँ", "yes") if word in str(made)] == []


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        pytest.param(400, "content_refused", True, id="refused"),
        pytest.param(403, "content_refused", True, id="no rights"),
        pytest.param(429, "20429", False, id="too many"),
        pytest.param(500, "20500", False, id="broken"),
    ],
)
async def test_a_resource_that_cannot_be_made(
    twilio: FakeTwilio, make: Callable[[Store], Contents], status: int, code: str, permanent: bool
) -> None:
    await twilio.fault("content", status=status, code=20000 + status)
    with pytest.raises(SendFailed, match=code) as failed:
        await make(Store()).sid(quick_reply("a", (YES,)))
    assert failed.value.permanent is permanent


async def test_a_template_in_the_language_or_in_english(
    make: Callable[[Store], Contents],
) -> None:
    store = Store()
    store.kept = {"template:news:hi": "HX1", "template:news:en": "HX2"}
    contents = make(store)
    assert await contents.template("news", "hi") == "HX1"
    assert await contents.template("news", "ta") == "HX2"
    with pytest.raises(SendFailed, match="no_template"):
        await contents.template("other", "hi")


# The fake itself: what Twilio refuses, it refuses.


async def _ask(twilio: FakeTwilio, **form: Any) -> tuple[int, int | None]:
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN), base_url=twilio.url) as client:
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        got = await client.post(path, data={"To": ASHA, "From": SENDER, **form})
    return got.status_code, got.json().get("code")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        pytest.param({}, 21619, id="nothing to send"),
        pytest.param({"Body": "x" * 1601}, 21617, id="too long"),
        pytest.param({"Body": "x", "ContentVars": "{}"}, 21601, id="unknown field"),
        pytest.param({"ContentSid": "HX1"}, 21601, id="sid of a wrong shape"),
        pytest.param({"ContentSid": "HX" + "0" * 32}, 20404, id="unknown content"),
        pytest.param({"Body": "x", "ContentVariables": "{}"}, 21654, id="variables alone"),
        pytest.param({"Body": "x", "To": "+919800000001"}, 21211, id="not whatsapp"),
        pytest.param({"Body": "x", "From": "whatsapp:+1"}, 21606, id="not our sender"),
        pytest.param({"Body": "x", "StatusCallback": "/status"}, 21609, id="relative callback"),
        pytest.param({"MediaUrl": "http://files.example/x"}, 21620, id="media not encrypted"),
    ],
)
async def test_the_fake_refuses(twilio: FakeTwilio, form: dict[str, str], code: int) -> None:
    assert (await _ask(twilio, **form))[1] == code
    assert await twilio.look("messages") == []


async def test_the_fake_wants_credentials(twilio: FakeTwilio) -> None:
    async with httpx.AsyncClient(base_url=twilio.url) as client:
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
        assert (await client.post(path + ".json", data={})).status_code == 401
        assert (await client.post("/v1/Content", json={})).status_code == 401
        assert (await client.get(path + "/MM1/Media/ME1")).status_code == 401
        assert (await client.delete(path + "/MM1/Media/ME1.json")).status_code == 401


@pytest.mark.parametrize("variables", ["{}", "no", '{"1": ""}', '{"1": "a\\nb"}', '{"2": "a"}'])
async def test_the_fake_refuses_variables(twilio: FakeTwilio, variables: str) -> None:
    sid = await twilio.approve("Hello {{1}}, news.", {"1": "Asha"})
    assert await _ask(twilio, ContentSid=sid, ContentVariables=variables) == (400, 21656)


def _types(count: int = 1, title: int = 1, body: int = 1, about: int = 1) -> list[dict[str, Any]]:
    action = {"type": "QUICK_REPLY", "title": "x" * title, "id": "x"}
    item = {"item": "x" * title, "id": "x", "description": "x" * about}
    words = "x" * body
    picker = {"body": words, "button": "Open", "items": [item] * count}
    return [
        {"twilio/quick-reply": {"body": words, "actions": [action] * count}},
        {"twilio/list-picker": picker},
    ]


@pytest.mark.parametrize(
    "types",
    [
        *_types(count=11),
        *_types(count=0),
        *_types(title=25),
        *_types(body=1025),
        _types(about=73)[1],
        _types(title=21)[0],
        {"twilio/hologram": {"body": "x"}},
        {},
    ],
)
async def test_the_fake_refuses_content(twilio: FakeTwilio, types: dict[str, Any]) -> None:
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN), base_url=twilio.url) as client:
        for given, status in ((types, 400), (_types(10, 20, 1024, 72)[0], 201)):
            got = await client.post("/v1/Content", json={"language": "en", "types": given})
            assert got.status_code == status


async def test_four_buttons_are_refused_without_approval(
    twilio: FakeTwilio, make: Callable[[Store], Contents]
) -> None:
    filled = quick_reply("a", [Button(f"b{i}", f"B{i}") for i in range(4)])
    sid = await make(Store()).sid(filled)
    assert await _ask(twilio, ContentSid=sid, ContentVariables=_json(filled)) == (400, 21656)


def _json(filled: Filled) -> str:
    return json.dumps(filled.values)


def test_the_fake_signs_as_the_official_validator_expects() -> None:
    form = {"Body": "नमस्ते & हाँ=1 🙏", "Empty": "", "From": ASHA}
    url = PUBLIC + "/whatsapp?x=1"
    validator = RequestValidator(TOKEN)
    assert validator.validate(url, form, sign(TOKEN, url, form))
    assert not validator.validate(url, form, sign("other", url, form))
