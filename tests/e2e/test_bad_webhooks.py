"""Webhooks that are not what they should be: the right status, nothing stored, nothing logged."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
import pytest_asyncio

from tests.e2e.rig import Rig, running
from tests.e2e.stored import Stored
from tests.fake_telegram import SECRET
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN
from tests.twilio_fake.webhooks import sign

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

REVIEW = "secret-of-the-review-backend"
NAME, PHONE = "Sunita-Fictional", "+919000000077"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LARGE, LARGE_REVIEW = 1_048_577, 64 * 1024 * 1024 + 1
Headers = dict[str, str]


@dataclass
class Post:
    """A request; `signed` makes the headers of its body, told the address and the body."""

    path: str
    body: bytes
    kind: str = ""
    signed: Callable[[str, bytes], Headers] = lambda url, body: {}
    method: str = "POST"
    more: Headers = field(default_factory=dict)
    chunked: bool = False


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig() -> AsyncIterator[Rig]:
    async with running(SAATHI_REVIEW__WEBHOOK_SECRET=REVIEW, SAATHI_LOG_LEVEL="DEBUG") as made:
        yield made


@pytest.fixture
def unchanged(rig: Rig) -> Iterator[None]:
    """Nothing is stored by this test, and nothing of its words is logged."""
    stored = Stored(rig.saathi)
    before = stored.everything()
    yield
    assert stored.everything() == before
    assert NAME not in rig.saathi.log
    assert PHONE[1:] not in rig.saathi.log
    assert "Traceback" not in rig.saathi.log
    assert " ERROR " not in rig.saathi.log


async def answered(rig: Rig, post: Post) -> httpx.Response:
    """What Saathi says to it."""
    url = rig.saathi.url + post.path
    headers = {**({"Content-Type": post.kind} if post.kind else {}), **post.more}
    body: Any = _pieces(post.body) if post.chunked else post.body
    async with httpx.AsyncClient(timeout=20) as client:
        made = {**headers, **post.signed(url, post.body)}
        return await client.request(post.method, url, headers=made, content=body)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """Sent so, nobody says beforehand how long it will be."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def known(url: str, body: bytes) -> Headers:
    """As Telegram sends it."""
    return {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def unknown(url: str, body: bytes) -> Headers:
    """Somebody who guesses."""
    return {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]}


def twilio(url: str, body: bytes) -> Headers:
    """As Twilio signs a form."""
    fields = dict(pair.split("=", 1) for pair in body.decode("latin-1").split("&"))
    plain = {name: httpx.QueryParams(f"v={value}")["v"] for name, value in fields.items()}
    return {"X-Twilio-Signature": sign(TOKEN, url, plain)}


def twilio_elsewhere(url: str, body: bytes) -> Headers:
    """Signed for another address."""
    return twilio(url + "/status", body)


def twilio_of_another(url: str, body: bytes) -> Headers:
    """Signed with another account's token."""
    return {"X-Twilio-Signature": sign("f" * 32, url, dict(form()))}


def backend(ago: float = 0.0, secret: str = REVIEW) -> Callable[[str, bytes], Headers]:
    """As `docs/review-backend.md` says."""

    def signed(url: str, body: bytes) -> Headers:
        stamp = str(int(time.time() - ago))
        made = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Saathi-Signature": f"t={stamp},v1={made}"}

    return signed


def update(number: int = 900_000_001, **message: Any) -> dict[str, Any]:
    """A message on Telegram."""
    person = {"id": 1_000_000_077, "is_bot": False, "first_name": NAME}
    chat = {"id": 1_000_000_077, "type": "private", "first_name": NAME}
    said = {"message_id": 5, "date": 1_790_000_000, "chat": chat, "from": person}
    return {"update_id": number, "message": {**said, "text": f"{NAME} {PHONE}", **message}}


def form(**more: str) -> dict[str, str]:
    """A message on WhatsApp."""
    said = {"MessageSid": "SM" + "7" * 32, "AccountSid": ACCOUNT, "From": f"whatsapp:{PHONE}"}
    said |= {"To": SENDER, "Body": NAME, "NumMedia": "0", "ProfileName": NAME}
    return {name: value for name, value in {**said, **more}.items() if value != "-"}


def event(number: str = "e-1", **more: Any) -> dict[str, Any]:
    """An event of a case that there is not."""
    return {
        "id": number,
        "case": "C-NONE",
        "type": "missing",
        "document": "x",
        "note": NAME,
        **more,
    }


def told(*events: Any) -> bytes:
    """The body of a review event."""
    return json.dumps({"events": list(events)}).encode()


UPDATE = json.dumps(update()).encode()
GROUP = update(chat={"id": -100_77, "type": "group", "title": NAME})
BOT = update()
BOT["message"]["from"]["is_bot"] = True
MESSAGE = urlencode(form()).encode()
STATUS = urlencode(form(MessageStatus="delivered", To=f"whatsapp:{PHONE}")).encode()
EVENTS = told(event())
LONG = NAME.encode() * (LARGE // len(NAME) + 1)
MANY = urlencode({**form(), **{f"Field{n}": NAME for n in range(500)}}).encode()


def _telegram(body: bytes, kind: str = JSON, signed: Any = known, **more: Any) -> Post:
    return Post("/telegram", body, kind, signed, **more)


def _whatsapp(body: bytes, kind: str = FORM, signed: Any = twilio, **more: Any) -> Post:
    return Post(more.pop("path", "/whatsapp"), body, kind, signed, **more)


def _review(body: bytes, kind: str = JSON, signed: Any = None, **more: Any) -> Post:
    return Post("/review/events", body, kind, signed or backend(), **more)


def nobody(url: str, body: bytes) -> Headers:
    """No signature at all."""
    return {}


TELEGRAM = {
    "no secret": (403, _telegram(UPDATE, signed=nobody)),
    "wrong secret": (403, _telegram(UPDATE, signed=unknown)),
    "wrong secret, no JSON": (403, _telegram(NAME.encode(), signed=unknown)),
    "secret in the address": (403, Post(f"/telegram?secret={SECRET}", UPDATE, JSON)),
    "no JSON": (400, _telegram(NAME.encode())),
    "half of it": (400, _telegram(UPDATE[:-9])),
    "nothing": (400, _telegram(b"")),
    "not UTF-8": (400, _telegram(UPDATE.replace(NAME.encode(), b"\xff\xfe"))),
    "very deep": (400, _telegram(UPDATE[:-2] + b',"location":' + b"[" * 50_000)),
    "a form": (415, _telegram(MESSAGE, FORM)),
    "plain text": (415, _telegram(UPDATE, "text/plain")),
    "too large": (413, _telegram(LONG)),
    "too large, in pieces": (413, _telegram(LONG, chunked=True)),
    "too large, no secret": (413, _telegram(LONG, signed=nobody)),
    # What comes from Telegram and is not understood is answered: else it comes for ever.
    "a list": (200, _telegram(told(NAME)[10:])),
    "no update_id": (200, _telegram(json.dumps({"message": update()["message"]}).encode())),
    "a message of text": (200, _telegram(json.dumps({"update_id": 1, "message": NAME}).encode())),
    "a number for a text": (200, _telegram(json.dumps(update(text=7)).encode())),
    "a chat without id": (200, _telegram(json.dumps(update(chat={"type": NAME})).encode())),
    "a group": (200, _telegram(json.dumps(GROUP).encode())),
    "another bot": (200, _telegram(json.dumps(BOT).encode())),
    "something new": (200, _telegram(json.dumps({"update_id": 2, "gift": NAME}).encode())),
}
WHATSAPP = {
    "no signature": (403, _whatsapp(MESSAGE, signed=nobody)),
    "empty signature": (403, _whatsapp(MESSAGE, signed=nobody, more={"X-Twilio-Signature": ""})),
    "another account": (403, _whatsapp(MESSAGE, signed=twilio_of_another)),
    "another address": (403, _whatsapp(MESSAGE, signed=twilio_elsewhere)),
    "JSON": (415, _whatsapp(UPDATE, JSON, nobody)),
    "no type": (415, _whatsapp(MESSAGE, "")),
    "several parts": (415, _whatsapp(MESSAGE, "multipart/form-data; boundary=x")),
    "not UTF-8": (400, _whatsapp(b"MessageSid=%FF%FE&Body=\xff", signed=nobody)),
    "500 fields": (400, _whatsapp(MANY)),
    "no MessageSid": (400, _whatsapp(urlencode(form(MessageSid="-")).encode())),
    "no From": (400, _whatsapp(urlencode(form(From="-")).encode())),
    "999 files": (400, _whatsapp(urlencode(form(NumMedia="999")).encode())),
    "a word of files": (400, _whatsapp(urlencode(form(NumMedia="-1")).encode())),
    "too large": (413, _whatsapp(urlencode(form(Body="x" * LARGE)).encode())),
    "too large, in pieces": (413, _whatsapp(b"Body=" + LONG, signed=nobody, chunked=True)),
}
STATUSES = {
    "no signature": (403, _whatsapp(STATUS, path="/whatsapp/status", signed=nobody)),
    "another account": (403, _whatsapp(STATUS, path="/whatsapp/status", signed=twilio_of_another)),
    "another address": (403, _whatsapp(STATUS, path="/whatsapp/status", signed=twilio_elsewhere)),
    "JSON": (415, _whatsapp(UPDATE, JSON, nobody, path="/whatsapp/status")),
    "no MessageSid": (
        400,
        _whatsapp(
            urlencode(form(MessageSid="-", MessageStatus="read")).encode(), path="/whatsapp/status"
        ),
    ),
    "too large": (413, _whatsapp(b"Body=" + LONG, path="/whatsapp/status", signed=nobody)),
    "a status to come": (
        200,
        _whatsapp(urlencode(form(MessageStatus=NAME)).encode(), path="/whatsapp/status"),
    ),
}
EVENT = {
    "no signature": (403, _review(EVENTS, signed=nobody)),
    "no signature, no JSON": (403, _review(NAME.encode(), signed=nobody)),
    "another secret": (403, _review(EVENTS, signed=backend(secret="another"))),
    "signed without a secret": (403, _review(EVENTS, signed=backend(secret=""))),
    "signed six minutes ago": (403, _review(EVENTS, signed=backend(ago=360))),
    "signed in six minutes": (403, _review(EVENTS, signed=backend(ago=-360))),
    "another body": (403, _review(EVENTS, signed=lambda url, body: backend()(url, body + b" "))),
    "no JSON": (400, _review(NAME.encode())),
    "not UTF-8": (400, _review(b'{"events":["\xff\xfe"]}')),
    "very deep": (400, _review(b"[" * 50_000)),
    "a list": (400, _review(json.dumps([NAME]).encode())),
    "no list": (400, _review(json.dumps({"events": NAME}).encode())),
    "no id": (400, _review(told({"case": "C", "type": "status", "note": NAME}))),
    "an id of words": (400, _review(told(event(f"{NAME} {PHONE}")))),
    "an id too long": (400, _review(told(event("e" * 65)))),
    "an opinion of nothing": (400, _review(told(event(type="opinion", bundle={"entry": []})))),
    "a form": (415, _review(EVENTS, FORM)),
    "plain text": (415, _review(EVENTS, "text/plain")),
    "too large": (413, _review(b" " * LARGE_REVIEW)),
    "nobody's case": (204, _review(EVENTS)),
    "a type to come": (204, _review(told(event(type=NAME)))),
}
ALL = {
    f"{where}, {name}": case
    for where, cases in {
        "Telegram": TELEGRAM,
        "WhatsApp": WHATSAPP,
        "status": STATUSES,
        "review": EVENT,
    }.items()
    for name, case in cases.items()
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("status", "post"), ALL.values(), ids=ALL)
async def test_it_is_refused_and_leaves_nothing(rig: Rig, status: int, post: Post) -> None:
    answer = await answered(rig, post)
    assert answer.status_code == status
    assert NAME not in answer.text


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/telegram", "/whatsapp", "/whatsapp/status", "/review/events"])
async def test_another_method_is_not_allowed(rig: Rig, path: str, method: str) -> None:
    answer = await answered(rig, Post(path, UPDATE, JSON, known, method=method))
    assert answer.status_code == 405


@pytest.mark.usefixtures("unchanged")
async def test_a_changed_field_breaks_twilios_signature(rig: Rig) -> None:
    url, right = rig.saathi.url + "/whatsapp", form()
    headers = {"X-Twilio-Signature": sign(TOKEN, url, right)}
    for changed in ({**right, "From": "whatsapp:+919000000078"}, {**right, "ButtonPayload": "!x"}):
        post = Post("/whatsapp", urlencode(changed).encode(), FORM, lambda url, body: headers)
        assert (await answered(rig, post)).status_code == 403


async def test_an_update_of_telegram_posted_again_is_answered_once(rig: Rig) -> None:
    chat = 1_000_000_078
    first = await rig.telegram.text(chat, "hello")
    assert first.status == 200
    for again in await asyncio.gather(*(rig.telegram.again(first.update_id) for _ in range(5))):
        assert again.status == 200
    await settled(rig)
    assert len(await rig.telegram.heard(chat)) == 1


async def test_a_message_of_whatsapp_posted_again_is_answered_once(rig: Rig) -> None:
    sender = "whatsapp:+919000000079"
    done = await rig.twilio.write(sender, "hello", times=4)
    assert done["status"] == 200
    await settled(rig)
    sent = [one for one in await rig.twilio.look("messages") if one["to"] == sender]
    assert len(sent) == 1


async def test_an_event_posted_again_is_told_once(rig: Rig) -> None:
    chat = 1_000_000_080
    number = await _case(rig, chat)
    link = "https://meet.example/fictional-talk"
    talk = {"case": number, "type": "talk", "start": "2031-01-05T18:30:00+05:30", "link": link}
    once = told({"id": "talk-1", **talk})
    taken = backend()("", once)
    for signed in (lambda url, body: taken, lambda url, body: taken, backend(), backend(ago=200)):
        assert (await answered(rig, _review(once, signed=signed))).status_code == 204
    assert await _times(rig, chat, link) == 1
    again = await answered(rig, _review(told({"id": "talk-2", **talk})))
    assert again.status_code == 204
    assert await _times(rig, chat, link) == 2


async def _case(rig: Rig, chat: int) -> str:
    """Somebody begins; the number of their case, once it is in the record."""
    await rig.telegram.text(chat, "hello")
    await settled(rig)
    before = _numbers(rig)
    await rig.telegram.tap(chat, "0.language=en")
    for _ in range(50):
        if new := _numbers(rig) - before:
            return str(new.pop())
        await asyncio.sleep(0.1)
    raise AssertionError("no case was recorded")


def _numbers(rig: Rig) -> set[str]:
    with psycopg.connect(Stored(rig.saathi).database_url) as database:
        return {number for (number,) in database.execute("SELECT number FROM cases")}


async def _times(rig: Rig, chat: int, words: str) -> int:
    await settled(rig)
    return sum(words in text for text in await rig.telegram.heard(chat))


async def settled(rig: Rig) -> None:
    """Wait until all that was said is in the record."""
    stored, before = Stored(rig.saathi), None
    for _ in range(20):
        await asyncio.sleep(0.6)
        if (now := stored.everything()) == before:
            return
        before = now
    raise AssertionError("it does not come to rest")


@pytest.mark.usefixtures("unchanged")
async def test_an_unsigned_event_is_refused_before_its_body_is_read(rig: Rig) -> None:
    """Only the head is sent, of a body that is announced as very large."""
    host, _, port = rig.saathi.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = "POST /review/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 60000000\r\n\r\n".encode())
    async with asyncio.timeout(10):
        status = await reader.readline()
    writer.close()
    assert status.startswith(b"HTTP/1.1 403")
