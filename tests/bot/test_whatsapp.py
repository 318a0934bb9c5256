"""WhatsApp through Twilio: recorded webhooks, and sending over real HTTP to a strict fake."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from bot.channels import Button, Channel, FetchFailed, OutFile, Refused, Reply, SendFailed, Webhook
from bot.channels.twilio_bubbles import LIMITS, bubbles, numbered
from bot.channels.twilio_errors import FATES
from bot.channels.twilio_http import API, TwilioHttp
from bot.channels.twilio_pace import Pace
from bot.channels.whatsapp import ANSWER, WhatsApp, failure, open_whatsapp
from bot.settings import WhatsApp as Settings
from flows.messages import Address, Attachment, Delivery, Message, Receipt, Update
from tests.fake_twilio import ACCOUNT, PUBLIC, SENDER, TOKEN, FakeTwilio, fake_twilio
from tests.twilio_fake.webhooks import sign

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAYLOADS = Path(__file__).parents[1] / "payloads" / "whatsapp"
FORM = "application/x-www-form-urlencoded"
NUMBER = "whatsapp:+919800000001"
ASHA = Address("whatsapp", "IN.4566546130240823", reply_to=NUMBER)
NO_PHONE = Address("whatsapp", "IN.4566546130240823", reply_to="whatsapp:IN.4566546130240823")
BY_NUMBER = Address("whatsapp", "+919800000001", reply_to=NUMBER)
YES, NO = Button("yes", "हाँ"), Button("no", "नहीं")
ROWS = tuple(Button(f"row_{n}", f"Row {n}", about="Told" if n % 2 else "") for n in range(1, 11))


class Templates:
    """Remembers in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        """The id, if there is one."""
        return self.kept.get(key)

    async def put(self, key: str, sid: str) -> None:
        """Keep an id."""
        self.kept[key] = sid


def hurried() -> Pace:
    """Waits for nobody."""
    return Pace(every=0)


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with fake_twilio() as fake:
        await fake.person(NUMBER, "open")
        yield fake


@pytest.fixture
def templates() -> Templates:
    return Templates()


@pytest.fixture
async def channel(twilio: FakeTwilio, templates: Templates) -> AsyncIterator[WhatsApp]:
    opened = open_whatsapp(twilio.settings, PUBLIC, templates, hurried())
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
def closed() -> WhatsApp:
    """Not started: reading webhooks needs no connection."""
    settings = Settings.model_validate(
        {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": SENDER}
    )
    return open_whatsapp(settings, PUBLIC, Templates())


def whatsapp_webhook(payload: str) -> Webhook:
    fields = json.loads((PAYLOADS / f"{payload}.json").read_text())
    path = "/whatsapp/status" if "MessageStatus" in fields else "/whatsapp"
    return signed(fields, PUBLIC + path)


def signed(fields: dict[str, str], url: str = PUBLIC + "/whatsapp") -> Webhook:
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(TOKEN, url, fields)}
    return Webhook(url, headers, urlencode(fields).encode())


def sm(number: int, prefix: str = "SM") -> str:
    return f"{prefix}{number:032x}"


def file(number: int, mime: str) -> tuple[Attachment]:
    sid = sm(number, "MM")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{sm(number, 'ME')}"
    return (Attachment("https://api.twilio.com" + path, mime=mime),)


def said(number: int, text: str = "", prefix: str = "SM", **more: Any) -> Message:
    phone = more.pop("phone", "+919800000001")
    more = {"sender": ASHA, "profile_name": "Asha Example", **more}
    return Message(id=sm(number, prefix), text=text, phone=phone, **more)


def sent_file(number: int, mime: str, kind: str, text: str = "") -> Message:
    phone = "" if kind == "contact" else "+919800000001"
    return said(number, text, "MM", attachments=file(number, mime), kind=kind, phone=phone)


def told(status: str, delivery: Delivery, code: str = "", sender: Address = BY_NUMBER) -> Receipt:
    return Receipt(f"{sm(90)}.{status}", sender, sm(90), delivery, code)


PARSED = [
    pytest.param("text", [said(1, "नमस्ते")], id="text"),
    pytest.param("no_external_id", [said(2, "hello", sender=BY_NUMBER)], id="no lasting id"),
    pytest.param("no_phone_number", [said(3, "hello", sender=NO_PHONE, phone="")], id="no phone"),
    pytest.param("button", [said(4, "हाँ", choice="yes", quoted=sm(90))], id="button"),
    pytest.param("button_unfilled", [said(5, "हाँ")], id="button with a placeholder as its id"),
    pytest.param("list", [said(6, "Row three", choice="row_3", quoted=sm(90))], id="list"),
    pytest.param("quoted", [said(7, "this one", quoted=sm(91))], id="quoted and forwarded"),
    pytest.param("photo", [sent_file(8, "image/jpeg", "photo")], id="photo"),
    pytest.param("photo_caption", [sent_file(9, "image/png", "photo", "page 1")], id="caption"),
    pytest.param("pdf", [sent_file(10, "application/pdf", "document")], id="document"),
    pytest.param("voice", [sent_file(11, "audio/ogg", "voice")], id="voice"),
    pytest.param("video", [sent_file(12, "video/mp4", "video")], id="video"),
    pytest.param("contact", [sent_file(13, "text/vcard", "contact")], id="contact"),
    pytest.param("vcard_without_type", [sent_file(14, "text/vcard", "contact")], id="vcard"),
    pytest.param("sticker", [sent_file(15, "image/webp", "sticker")], id="sticker"),
    pytest.param("strange_mime", [sent_file(16, "chemical/x-pdb", "other")], id="strange file"),
    pytest.param(
        "location", [said(17, "Example Clinic, 1 Example Road", kind="location")], id="location"
    ),
    pytest.param("location_bare", [said(18, kind="location")], id="location without a name"),
    pytest.param("nothing", [said(19, kind="other")], id="a kind from the future"),
    pytest.param("unknown_fields", [said(20, "x")], id="unknown fields, one empty"),
    pytest.param("advert", [said(21, "hello")], id="came from an advert"),
    pytest.param("status_sent", [told("sent", Delivery.ACCEPTED)], id="sent"),
    pytest.param("status_delivered", [told("delivered", Delivery.DELIVERED)], id="delivered"),
    pytest.param("status_read", [told("read", Delivery.READ)], id="read"),
    pytest.param("status_failed", [told("failed", Delivery.FAILED, "63016")], id="failed"),
    pytest.param(
        "status_undelivered", [told("undelivered", Delivery.FAILED, "63024")], id="undelivered"
    ),
    pytest.param(
        "status_no_phone_number",
        [told("read", Delivery.READ, sender=NO_PHONE)],
        id="read, no phone",
    ),
    pytest.param("status_from_the_future", [], id="status from the future"),
]


@pytest.mark.parametrize(("payload", "expected"), PARSED)
def test_parse(closed: WhatsApp, payload: str, expected: list[Update]) -> None:
    webhook = whatsapp_webhook(payload)
    closed.verify(webhook)
    incoming = closed.parse(webhook)
    assert incoming.updates == expected
    assert (incoming.answer, incoming.media_type) == (ANSWER, "text/xml")


def test_every_payload_is_tried() -> None:
    tried = {str(case.values[0]) for case in PARSED}
    malformed = {"no_message_sid", "no_from", "num_media_wrong", "num_media_huge"}
    assert {path.stem for path in PAYLOADS.glob("*.json")} == tried | malformed


@pytest.mark.parametrize(
    "payload", ["no_message_sid", "no_from", "num_media_wrong", "num_media_huge"]
)
def test_malformed_is_refused(closed: WhatsApp, payload: str) -> None:
    with pytest.raises(Refused) as refused:
        closed.parse(whatsapp_webhook(payload))
    assert refused.value.status == 400


TEXT = whatsapp_webhook("text")
FIELDS = json.loads((PAYLOADS / "text.json").read_text())
JSON_HEADERS = {**TEXT.headers, "Content-Type": "application/json"}
REFUSED = [
    pytest.param(replace(TEXT, body=TEXT.body + b"1"), 403, id="changed body"),
    pytest.param(replace(TEXT, body=TEXT.body + b"&New="), 403, id="added empty field"),
    pytest.param(replace(TEXT, headers={"Content-Type": FORM}), 403, id="no signature"),
    pytest.param(
        replace(TEXT, headers={"content-type": FORM, "x-twilio-signature": "x"}), 403, id="wrong"
    ),
    pytest.param(replace(TEXT, url="http://saathi.example/whatsapp"), 403, id="not public"),
    pytest.param(replace(TEXT, url=TEXT.url + "/"), 403, id="another path"),
    pytest.param(replace(TEXT, url=TEXT.url + "?x=1"), 403, id="added query"),
    pytest.param(replace(TEXT, headers=JSON_HEADERS), 415, id="json"),
    pytest.param(replace(TEXT, headers={}), 415, id="no content type"),
    pytest.param(replace(TEXT, body=b"Body=\xff"), 400, id="not utf-8"),
    pytest.param(replace(TEXT, body=b"Body=%FF"), 400, id="not utf-8 inside"),
    pytest.param(replace(TEXT, body=b"a=1&" * 401), 400, id="too many fields"),
]


@pytest.mark.parametrize(("webhook", "status"), REFUSED)
def test_verify_refuses(closed: WhatsApp, webhook: Webhook, status: int) -> None:
    with pytest.raises(Refused) as refused:
        closed.verify(webhook)
    assert refused.value.status == status


def test_verify_takes_what_twilio_signed(closed: WhatsApp) -> None:
    closed.verify(TEXT)
    closed.verify(signed(FIELDS, PUBLIC + "/whatsapp?channel=1"))
    closed.verify(replace(TEXT, headers={**TEXT.headers, "Content-Type": FORM + "; charset=utf-8"}))


def test_a_signature_of_another_account_is_refused(closed: WhatsApp) -> None:
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign("other", TEXT.url, FIELDS)}
    with pytest.raises(Refused):
        closed.verify(replace(TEXT, headers=headers))


@asynccontextmanager
async def application(channel: WhatsApp) -> AsyncIterator[tuple[str, list[Update]]]:
    """Our side behind a proxy: it is called over http, Twilio signed https."""
    got: list[Update] = []

    async def incoming(request: web.Request) -> web.Response:
        assert request.scheme == "http"
        webhook = Webhook(PUBLIC + request.path_qs, request.headers, await request.read())
        try:
            channel.verify(webhook)
            parsed = channel.parse(webhook)
        except Refused as refused:
            return web.Response(status=refused.status)
        got.extend(parsed.updates)
        return web.Response(body=parsed.answer, content_type=parsed.media_type)

    async def linked(request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.7", content_type="application/pdf")

    async with serving({"/file": linked}, {"/{path:whatsapp.*}": incoming}) as url:
        yield url, got


@asynccontextmanager
async def serving(
    get: dict[str, Handler], post: dict[str, Handler] | None = None
) -> AsyncIterator[str]:
    """A web server on a free port."""
    app = web.Application()
    app.add_routes([web.get(path, handler) for path, handler in get.items()])
    app.add_routes([web.post(path, handler) for path, handler in (post or {}).items()])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)


async def test_behind_a_proxy_the_whole_way(closed: WhatsApp) -> None:
    async with application(closed) as (url, got), fake_twilio(app_url=url) as twilio:
        answer = await twilio.write(NUMBER, "", extra={"Label": "", "BrandNew": "नया"}, times=2)
    assert (answer["status"], answer["text"].encode()) == (200, ANSWER)
    # The same twice: the mailbox drops the second by its id.
    assert [update.id for update in got] == [answer["sid"]] * 2


async def test_how_far_a_reply_got_in_any_order_and_more_than_once(
    twilio: FakeTwilio, templates: Templates
) -> None:
    channel = open_whatsapp(twilio.settings, PUBLIC, templates, hurried())
    await channel.start()
    async with application(channel) as (url, got), AsyncExitStack() as stack:
        mixed = fake_twilio(app_url=url, shuffle=True, times=2)
        await (await stack.enter_async_context(mixed)).person(NUMBER, "open")
        sid = await channel.send(ASHA, Reply("नमस्ते"))
        await until(lambda: len(got) == 6)
    await channel.stop()
    receipts = [update for update in got if isinstance(update, Receipt)]
    assert {r.message_id for r in receipts} == {sid}
    assert {r.id for r in receipts} == {f"{sid}.{s}" for s in ("sent", "delivered", "read")}
    assert [r.delivery for r in receipts] != sorted(r.delivery for r in receipts)
    assert max(r.delivery for r in receipts) is Delivery.READ


async def sent(twilio: FakeTwilio) -> list[dict[str, Any]]:
    return [message["wanted"] for message in await twilio.look("messages")]


async def test_send_text(twilio: FakeTwilio, channel: WhatsApp) -> None:
    sid = await channel.send(ASHA, Reply("नमस्ते 🙏"))
    assert await sent(twilio) == [
        {
            "To": NUMBER,
            "From": SENDER,
            "Body": "नमस्ते 🙏",
            "StatusCallback": PUBLIC + "/whatsapp/status#rc=3&rp=all",
        }
    ]
    assert [message["sid"] for message in await twilio.look("messages")] == [sid]


async def test_without_a_public_url_no_callback_is_asked(
    twilio: FakeTwilio, templates: Templates
) -> None:
    channel = open_whatsapp(twilio.settings, "", templates, hurried())
    await channel.start()
    await channel.send(Address("whatsapp", "+919800000001"), Reply("hello"))
    await channel.stop()
    assert await sent(twilio) == [{"To": NUMBER, "From": SENDER, "Body": "hello"}]


async def test_send_to_a_person_without_a_phone_number(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    await channel.send(NO_PHONE, Reply("hello", (YES, NO)))
    assert [wanted["To"] for wanted in await sent(twilio)] == ["whatsapp:IN.4566546130240823"]


async def test_long_text_is_split_at_sentences(twilio: FakeTwilio, channel: WhatsApp) -> None:
    await channel.send(ASHA, Reply("यह एक वाक्य है। " * 300))
    bodies = [wanted["Body"] for wanted in await sent(twilio)]
    assert len(bodies) == 3
    assert all(body.strip().endswith("।") for body in bodies)


async def test_options_of_a_long_text_are_on_the_last_message(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    sid = await channel.send(ASHA, Reply("A sentence here. " * 80, (YES, NO)))
    *before, last = await sent(twilio)
    assert before
    assert all("Body" in wanted for wanted in before)
    assert [a["id"] for a in last["rendered"]["twilio/quick-reply"]["actions"]] == ["yes", "no"]
    assert (await twilio.look("messages"))[-1]["sid"] == sid


async def test_buttons(twilio: FakeTwilio, channel: WhatsApp) -> None:
    await channel.send(ASHA, Reply("Is it so?\n\nPlease tap.", (YES, NO)))
    (wanted,) = await sent(twilio)
    assert wanted["rendered"] == {
        "twilio/quick-reply": {
            "body": "Is it so?\n\nPlease tap.",
            "actions": [
                {"type": "QUICK_REPLY", "title": "हाँ", "id": "yes"},
                {"type": "QUICK_REPLY", "title": "नहीं", "id": "no"},
            ],
        }
    }


async def test_a_list(twilio: FakeTwilio, channel: WhatsApp) -> None:
    await channel.send(ASHA, Reply("Which?", ROWS, as_list=True, list_title="Choose"))
    (wanted,) = await sent(twilio)
    picker = wanted["rendered"]["twilio/list-picker"]
    assert (picker["body"], picker["button"], len(picker["items"])) == ("Which?", "Choose", 10)
    assert picker["items"][0] == {"item": "Row 1", "id": "row_1", "description": "Told"}
    assert picker["items"][1] == {"item": "Row 2", "id": "row_2"}


async def test_more_than_three_buttons_become_a_list(twilio: FakeTwilio, channel: WhatsApp) -> None:
    await channel.send(ASHA, Reply("Which?", ROWS[:4]))
    assert "twilio/list-picker" in (await sent(twilio))[0]["rendered"]


async def test_a_tap_comes_back_as_the_choice(twilio: FakeTwilio, channel: WhatsApp) -> None:
    quick = await channel.send(ASHA, Reply("Is it so?", (YES, NO)))
    rows = await channel.send(ASHA, Reply("Which?", ROWS, as_list=True, list_title="Choose"))
    for sid, title, choice in ((quick, "नहीं", "no"), (rows, "Row 7", "row_7")):
        tapped = await twilio.write(NUMBER, tap={"sid": sid, "title": title})
        (update,) = channel.parse(signed(tapped["fields"])).updates
        assert isinstance(update, Message)
        assert (update.choice, update.quoted, update.kind) == (choice, sid, "text")


NOT_TAPPABLE = [
    pytest.param((Button("a", "x" * 21), NO), False, "", id="title too long"),
    pytest.param((Button("a" * 201, "A"), NO), False, "", id="id too long"),
    pytest.param((Button("", "A"), NO), False, "", id="no id"),
    pytest.param((Button("a", " "), NO), False, "", id="no title"),
    pytest.param((*ROWS, NO), True, "Choose", id="too many rows"),
    pytest.param((Button("a", "x" * 25),), True, "Choose", id="row too long"),
    pytest.param((Button("a", "A", "x" * 73),), True, "Choose", id="description too long"),
    pytest.param((YES,), True, "x" * 21, id="list title too long"),
    pytest.param((Button("a\nb", "A"), NO), False, "", id="id of two lines"),
]


@pytest.mark.parametrize(("buttons", "as_list", "title"), NOT_TAPPABLE)
async def test_what_cannot_be_tapped_is_numbered(
    twilio: FakeTwilio,
    channel: WhatsApp,
    buttons: tuple[Button, ...],
    as_list: bool,
    title: str,
) -> None:
    await channel.send(ASHA, Reply("Which?", buttons, as_list=as_list, list_title=title))
    assert [wanted["Body"] for wanted in await sent(twilio)] == [numbered("Which?", buttons)]


def test_numbered() -> None:
    assert numbered("Which?", ROWS[:2]) == "Which?\n\n1. Row 1 (Told)\n2. Row 2"


@pytest.mark.parametrize(
    ("where", "status", "code"),
    [
        pytest.param("content", 400, 20001, id="cannot be made"),
        pytest.param("content", 403, 20003, id="no rights to the Content API"),
        pytest.param("messages", 400, 21656, id="variables not taken"),
        pytest.param("messages", 400, 63005, id="content not taken"),
    ],
)
async def test_numbered_text_when_content_fails(
    twilio: FakeTwilio, channel: WhatsApp, where: str, status: int, code: int
) -> None:
    await twilio.fault(where, status=status, code=code)
    sid = await channel.send(ASHA, Reply("Is it so?", (YES, NO)))
    assert [wanted["Body"] for wanted in await sent(twilio)] == ["Is it so?\n\n1. हाँ\n2. नहीं"]
    assert (await twilio.look("messages"))[-1]["sid"] == sid


async def test_a_lost_resource_is_made_again(twilio: FakeTwilio, channel: WhatsApp) -> None:
    await channel.send(ASHA, Reply("Is it so?", (YES, NO)))
    await twilio.lose_contents()
    await channel.send(ASHA, Reply("And now?", (YES, NO)))
    assert "twilio/quick-reply" in (await sent(twilio))[-1]["rendered"]


async def test_a_passing_failure_of_content_is_not_numbered(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    await twilio.fault("content", status=503, html=True)
    with pytest.raises(SendFailed) as failed:
        await channel.send(ASHA, Reply("Is it so?", (YES, NO)))
    assert not failed.value.permanent
    assert await sent(twilio) == []


def pdf(link: str, size: int = 8, mime: str = "application/pdf") -> OutFile:
    async def read() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7"

    return OutFile("a.pdf", mime, size, read, link)


async def test_a_document_goes_by_link_and_its_words_after_it(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    async with application(channel) as (url, _):
        await channel.send(ASHA, Reply("Here it is.", (YES,), file=pdf(url + "/file")))
        first, second = await sent(twilio)
        assert (first["MediaUrl"], first.get("Body")) == ([url + "/file"], None)
        assert second["rendered"]["twilio/quick-reply"]["body"] == "Here it is."


async def test_a_picture_carries_its_words(twilio: FakeTwilio, channel: WhatsApp) -> None:
    picture = pdf(twilio.url + "/x", mime="image/jpeg")
    await channel.send(ASHA, Reply("Look.", file=picture))
    (wanted,) = await sent(twilio)
    assert (wanted["MediaUrl"], wanted["Body"]) == ([twilio.url + "/x"], "Look.")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        pytest.param(pdf(""), "no_public_link", id="no link"),
        pytest.param(pdf("http://files.example/a"), "no_public_link", id="not encrypted"),
        pytest.param(pdf("https://files.example/a", size=2**24 + 1), "too_big", id="too big"),
        pytest.param(
            pdf("https://files.example/a", size=6_000_000, mime="image/png"),
            "too_big",
            id="picture too big",
        ),
    ],
)
async def test_a_file_that_cannot_go(
    twilio: FakeTwilio, channel: WhatsApp, file: OutFile, code: str
) -> None:
    with pytest.raises(SendFailed, match=code) as failed:
        await channel.send(ASHA, Reply("Here it is.", file=file))
    assert failed.value.permanent
    assert await sent(twilio) == []


async def test_nothing_to_send_is_refused_here(twilio: FakeTwilio, channel: WhatsApp) -> None:
    with pytest.raises(SendFailed, match="nothing_to_send"):
        await channel.send(ASHA, Reply(" "))
    assert await twilio.look("calls") == []


async def test_template_outside_the_window(
    twilio: FakeTwilio, channel: WhatsApp, templates: Templates
) -> None:
    await twilio.person(NUMBER, "close")
    sid = await twilio.approve("Hello {{1}}, news on {{2}}.", {"1": "Asha", "2": "C-1"})
    templates.kept["template:news:en"] = sid
    given = {"1": "Asha", "2": "C-7"}
    await channel.send(ASHA, Reply("", language="hi", template="news", template_params=given))
    (wanted,) = await sent(twilio)
    assert wanted["rendered"] == {"twilio/text": {"body": "Hello Asha, news on C-7."}}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"1": "Asha"}, "variables_missing", id="missing"),
        pytest.param({"1": "Asha", "2": ""}, "variables_empty", id="empty"),
        pytest.param({"1": "Asha", "2": "a\nb"}, "variables_multiline", id="two lines"),
    ],
)
async def test_a_template_that_would_show_a_sample_is_refused_here(
    twilio: FakeTwilio,
    channel: WhatsApp,
    templates: Templates,
    given: dict[str, str],
    code: str,
) -> None:
    sid = await twilio.approve("Hello {{1}}, news on {{2}}.", {"1": "Asha", "2": "C-1"})
    templates.kept["template:news:en"] = sid
    with pytest.raises(SendFailed, match=code):
        await channel.send(ASHA, Reply("", template="news", template_params=given))
    assert await sent(twilio) == []


FAILED = [
    pytest.param({"status": 400, "code": 63016}, "63016", True, True, id="window closed"),
    pytest.param({"status": 400, "code": 21610}, "21610", True, False, id="opted out"),
    pytest.param({"status": 400, "code": 63024}, "63024", True, False, id="not on WhatsApp"),
    pytest.param({"status": 400, "code": 21211}, "21211", True, False, id="no such address"),
    pytest.param({"status": 400, "code": 99999}, "99999", True, False, id="unknown, 400"),
    pytest.param({"status": 429, "code": 20429}, "20429", False, False, id="too many requests"),
    pytest.param({"status": 429, "code": 63018}, "63018", False, False, id="too many messages"),
    pytest.param({"status": 401, "code": 20003}, "20003", False, False, id="credentials"),
    pytest.param({"status": 500, "code": 20500}, "20500", False, False, id="broken"),
    pytest.param({"status": 502, "html": True}, "502", False, False, id="broken, not JSON"),
]


@pytest.mark.parametrize(("fault", "code", "permanent", "window"), FAILED)
async def test_a_failure_says_whether_to_try_again(
    twilio: FakeTwilio,
    channel: WhatsApp,
    fault: dict[str, Any],
    code: str,
    permanent: bool,
    window: bool,
) -> None:
    await twilio.fault("messages", **fault)
    with pytest.raises(SendFailed) as failed:
        await channel.send(ASHA, Reply("private words"))
    error = failed.value
    assert (error.code, error.permanent, error.window_closed) == (code, permanent, window)
    assert permanent is (error.retry_after == 0)
    assert [c["status"] for c in await twilio.look("calls")] == [fault["status"]]  # no repeats
    await channel.send(ASHA, Reply("again"))


def test_the_same_table_serves_receipts() -> None:
    assert failure("63016").window_closed
    assert failure("63018").retry_after > 0
    assert all(fate.permanent is (fate.retry_after == 0) for fate in FATES.values())
    assert all(fate.permanent for fate in FATES.values() if fate.window_closed)


async def test_a_closed_window_is_told_by_a_receipt(twilio: FakeTwilio, channel: WhatsApp) -> None:
    async with application(channel) as (url, got), fake_twilio(app_url=url):
        sid = await channel.send(ASHA, Reply("late"))
        await until(lambda: len(got) == 1)
    assert got == [Receipt(f"{sid}.failed", BY_NUMBER, sid, Delivery.FAILED, "63016")]


async def test_a_reply_behind_a_timeout_may_have_gone(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    hasty = TwilioHttp({API: twilio.url}, timeout=0.3)
    channel._client.http_client = hasty
    await twilio.fault("messages", delay=2)
    with pytest.raises(SendFailed) as failed:
        await channel.send(ASHA, Reply("private words"))
    await hasty.connections.close()
    assert (failed.value.code, failed.value.permanent) == ("TimeoutError", False)
    assert len(await sent(twilio)) == 1


async def test_twilio_is_not_there(templates: Templates) -> None:
    settings = Settings.model_validate(
        {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": SENDER,
         "api_url": "http://127.0.0.1:1"}
    )  # fmt: skip
    channel = open_whatsapp(settings, PUBLIC, templates, hurried())
    await channel.start()
    with pytest.raises(SendFailed) as failed:
        await channel.send(ASHA, Reply("private words"))
    await channel.stop()
    assert not failed.value.permanent
    assert "127.0.0.1" not in str(failed.value)


async def received(channel: WhatsApp, ref: str) -> bytes:
    return b"".join([piece async for piece in channel.fetch(Attachment(ref))])


async def a_file(twilio: FakeTwilio, content: bytes = b"%PDF-1.7") -> str:
    told = await twilio.write(NUMBER, media=[("application/pdf", content)])
    return str(told["fields"]["MediaUrl0"])


async def test_fetch_with_credentials_and_without_them_at_the_cdn(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    content = bytes(range(256)) * 8_000
    assert await received(channel, await a_file(twilio, content)) == content
    calls = [(c["credentials"], c["status"]) for c in await twilio.look("calls")]
    assert calls == [(True, 307), (False, 200)]


@pytest.mark.parametrize(
    ("where", "status", "permanent"),
    [
        pytest.param("media", 404, False, id="not there yet"),
        pytest.param("media", 403, True, id="not allowed"),
        pytest.param("media", 410, True, id="gone"),
        pytest.param("media", 500, False, id="broken"),
        pytest.param("media", 429, False, id="too many"),
        pytest.param("cdn", 403, True, id="link over"),
        pytest.param("cdn", 503, False, id="cdn broken"),
    ],
)
async def test_a_file_that_does_not_come(
    twilio: FakeTwilio, channel: WhatsApp, where: str, status: int, permanent: bool
) -> None:
    ref = await a_file(twilio)
    await twilio.fault(where, status=status, code=1)
    with pytest.raises(FetchFailed) as failed:
        await received(channel, ref)
    assert (failed.value.code, failed.value.permanent) == (str(status), permanent)
    assert await received(channel, ref) == b"%PDF-1.7"


async def test_a_file_missing_for_a_minute_never_comes(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    ref, clock = (await a_file(twilio))[:-1] + "x", [0.0]
    channel._media._now = lambda: clock[0]
    outcomes = []
    for clock[0] in (0.0, 59.0, 61.0):
        with pytest.raises(FetchFailed) as failed:
            await received(channel, ref)
        outcomes.append(failed.value.permanent)
    assert outcomes == [False, False, True]


async def test_too_big_a_file_is_not_begun(twilio: FakeTwilio, channel: WhatsApp) -> None:
    ref = await a_file(twilio, b"x" * (16 * 2**20 + 1))
    with pytest.raises(FetchFailed, match="too_big") as failed:
        await anext(channel.fetch(Attachment(ref)))
    assert failed.value.permanent


async def test_too_big_a_file_of_unknown_size_is_cut_off(channel: WhatsApp) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            for _ in range(300):
                await answer.write(b"x" * 65_536)
        return answer

    async with serving({"/endless": endless}) as url:
        with pytest.raises(FetchFailed, match="too_big") as failed:
            await received(channel, url + "/endless")
    assert failed.value.permanent


@pytest.mark.parametrize(
    "ref",
    [
        "https://evil.example/2010-04-01/x",
        "http://api.twilio.com/2010-04-01/x",
        "https://api.twilio.com.evil.example/x",
        "https://api.twilio.com@evil.example/x",
        "http://169.254.169.254/latest",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_other_hosts_are_never_asked(ref: str) -> None:
    channel = open_whatsapp(Settings(account_sid=ACCOUNT), PUBLIC, Templates())
    await channel.start()
    with pytest.raises(FetchFailed, match="foreign_host") as failed:
        await received(channel, ref)
    await channel.stop()
    assert failed.value.permanent


async def test_a_redirect_to_another_host_is_not_followed(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("https://evil.example/x")

    async def round_and_round(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/round")

    async with serving({"/away": away, "/round": round_and_round}) as url:
        for path, code in (("/away", "foreign_host"), ("/round", "too_many_redirects")):
            with pytest.raises(FetchFailed, match=code):
                await received(channel, url + path)


async def test_forget_deletes_at_twilio_and_twice_is_fine(
    twilio: FakeTwilio, channel: WhatsApp
) -> None:
    ref = await a_file(twilio)
    assert len(await twilio.look("files")) == 1
    await channel.forget(Attachment(ref))
    assert await twilio.look("files") == []
    await channel.forget(Attachment(ref))


async def test_forget_that_fails(twilio: FakeTwilio, channel: WhatsApp) -> None:
    ref = await a_file(twilio)
    await twilio.fault("delete", status=500, code=20500)
    with pytest.raises(FetchFailed, match="20500") as failed:
        await channel.forget(Attachment(ref))
    assert not failed.value.permanent
    with pytest.raises(FetchFailed, match="not_a_media_link"):
        await channel.forget(Attachment("https://api.twilio.com/x"))


async def test_pace_lends_some_and_then_waits() -> None:
    clock, waits = [0.0], list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds

    pace = Pace(every=6, lend=3, now=lambda: clock[0], sleep=sleep)
    for _ in range(5):
        await pace.wait("asha")
    assert waits == [6.0, 6.0]
    await pace.wait("another person")
    assert waits == [6.0, 6.0]
    clock[0] += 60
    for _ in range(3):
        await pace.wait("asha")
    assert waits == [6.0, 6.0]


async def test_every_message_is_paced(twilio: FakeTwilio, templates: Templates) -> None:
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pace = Pace(every=6, lend=1, sleep=sleep)
    channel = open_whatsapp(twilio.settings, PUBLIC, templates, pace)
    await channel.start()
    await channel.send(ASHA, Reply("A sentence here. " * 100))
    await channel.stop()
    assert [round(wait) for wait in waits] == [6]


def test_the_same_limits_as_the_fake() -> None:
    longest = Reply("x" * LIMITS.body_with_options, (Button("a" * 200, "x" * 20),) * 3)
    (bubble,) = bubbles(longest)
    assert bubble.filled


PRIVATE = ["919800000001", "Asha", "private words", "Private title", TOKEN, "4566546130240823"]


async def test_nothing_private_is_logged(
    twilio: FakeTwilio, channel: WhatsApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # Another test may have quieted the clients' own loggers.
    for name in ("twilio.http_client", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    webhook = whatsapp_webhook("text")
    channel.verify(webhook)
    channel.parse(webhook)
    await channel.send(ASHA, Reply("private words", (YES, Button("t", "Private title"))))
    await received(channel, await a_file(twilio))
    logging.getLogger("twilio.http_client").debug("what is looked for would be seen")
    assert "would be seen" in caplog.text
    assert [word for word in PRIVATE if word in caplog.text] == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500, "html": True}, id="broken"),
        pytest.param({"status": 400, "code": 1}, id="refused"),
        pytest.param({"times": 0}, id="opted out: the answer quotes the number"),
    ],
)
async def test_an_error_tells_nothing_private(
    twilio: FakeTwilio,
    channel: WhatsApp,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
) -> None:
    caplog.set_level(logging.DEBUG)
    await twilio.person(NUMBER, "opt_out")
    await twilio.fault("messages", **fault)
    with pytest.raises(SendFailed) as failed:
        await channel.send(ASHA, Reply("private words"))
    # Twilio's own error, which quotes numbers and addresses, is not shown with ours.
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    shown = "".join(traceback.format_exception_only(failed.value)) + repr(failed.value)
    assert [word for word in PRIVATE if word in shown + caplog.text] == []


def _is_a_channel(channel: WhatsApp) -> Channel:
    return channel
