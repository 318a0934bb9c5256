"""Events from the review backend: the signature, what they say, what becomes of them."""

import base64
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import Refused
from bot.review.events import Event, parse, sign, to_news, verify
from bot.review.signature import HEADER
from flows.messages import Address, CaseNews

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BODY = b'{"events": []}'
SECRET = "a shared secret"
ASHA = Address("telegram", "1000000001")
PDF = b"%PDF-1.4 fictional"


def signed(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    return {HEADER: sign(body, secret, at)}


def body(*events: dict[str, Any]) -> bytes:
    common = {"id": "e1", "case": "K7-42"}
    return json.dumps({"events": [common | one for one in events]}).encode()


def read(**told: Any) -> Event:
    (event,) = parse(body(told))
    return event


def test_a_signed_body_passes() -> None:
    verify(signed(), BODY, SECRET, NOW)


def test_the_header_is_found_in_lower_case() -> None:
    verify({HEADER.lower(): signed()[HEADER]}, BODY, SECRET, NOW)


def test_one_good_signature_of_two_passes_while_a_secret_is_changed() -> None:
    stamp, _, new = signed(secret="the new one")[HEADER].partition(",")
    old = signed()[HEADER].partition(",")[2]
    verify({HEADER: f"{stamp},{new},{old}"}, BODY, SECRET, NOW)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_are_tolerated(minutes: int) -> None:
    verify(signed(at=NOW + timedelta(minutes=minutes)), BODY, SECRET, NOW)


WRONG = [
    pytest.param({}, BODY, SECRET, id="no header"),
    pytest.param({HEADER: ""}, BODY, SECRET, id="empty header"),
    pytest.param({HEADER: "t=1e9,v1=aa"}, BODY, SECRET, id="no number"),
    pytest.param({HEADER: "t=²,v1=aa"}, BODY, SECRET, id="an odd digit"),
    pytest.param({HEADER: f"t={int(NOW.timestamp())},v1=é"}, BODY, SECRET, id="no ascii"),
    pytest.param({HEADER: f"t={int(NOW.timestamp())}"}, BODY, SECRET, id="only a time"),
    pytest.param(signed(), BODY + b" ", SECRET, id="tampered body"),
    pytest.param(signed(), BODY, "another secret", id="another secret"),
    pytest.param(signed(secret=""), BODY, "", id="no secret set"),
    pytest.param(signed(at=NOW - timedelta(seconds=301)), BODY, SECRET, id="too old"),
    pytest.param(signed(at=NOW + timedelta(seconds=301)), BODY, SECRET, id="from the future"),
]


@pytest.mark.parametrize(("headers", "sent", "secret"), WRONG)
def test_anything_else_is_refused(headers: dict[str, str], sent: bytes, secret: str) -> None:
    with pytest.raises(Refused) as refused:
        verify(headers, sent, secret, NOW)
    assert refused.value.status == 403


def test_a_new_time_on_an_old_signature_is_refused() -> None:
    old = signed(at=NOW - timedelta(hours=1))[HEADER].partition(",v1=")[2]
    with pytest.raises(Refused):
        verify({HEADER: f"t={int(NOW.timestamp())},v1={old}"}, BODY, SECRET, NOW)


def task(status: str = "", business: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"resourceType": "Task", "status": status}
    if business:
        found["businessStatus"] = {"coding": [{"code": business}]}
    return {"type": "status", "task": found}


STATUSES = [
    pytest.param({"type": "status", "status": "with_panel"}, "with_panel", id="our own word"),
    pytest.param(task("accepted"), "being_checked", id="a task"),
    pytest.param(task("on-hold"), "documents_missing", id="on hold"),
    pytest.param(task("completed", "talk_booked"), "talk_booked", id="business status wins"),
    pytest.param(task("in-progress", "closed"), "closed", id="business status wins again"),
]


@pytest.mark.parametrize(("told", "status"), STATUSES)
def test_status(told: dict[str, Any], status: str) -> None:
    assert read(**told).detail == {"status": status}


@pytest.mark.parametrize("plain", ["rejected", "failed", "cancelled"])
def test_a_refusal_is_marked_for_a_person(plain: str) -> None:
    assert read(**task(plain)).detail == {"status": "closed", "refused": plain}


def test_an_unknown_status_is_no_news_and_its_code_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = read(**task("in-progress", "awaiting-moon"))
    with caplog.at_level(logging.DEBUG):
        assert to_news(event, ASHA, "c1") is None
    (record,) = caplog.records
    assert record.__dict__["code"] == "awaiting-moon"


def test_an_unknown_status_of_words_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    event = read(**task("in-progress", "Sunita Devi called"))
    assert to_news(event, ASHA, "c1") is None
    assert "Sunita" not in str([record.__dict__ for record in caplog.records])


def test_an_unknown_type_does_not_hold_up_the_others() -> None:
    first, second = parse(body({"type": "party"}, {**task("accepted"), "id": "e2"}))
    assert to_news(first, ASHA, "c1") is None
    assert to_news(second, ASHA, "c1")


def test_missing() -> None:
    event = read(type="missing", document="ihc_report", note=" Page two, please. ")
    detail = {"document": "ihc_report", "note": "Page two, please."}
    news = CaseNews("review.e1", ASHA, "c1", "missing", detail)
    assert to_news(event, ASHA, "c1") == news


def test_a_paper_that_we_do_not_know_is_another_document() -> None:
    assert read(type="missing", document="blood_smear").detail["document"] == "other_document"


def test_slot() -> None:
    times = {"slot": "s1", "start": "2026-12-01T18:00:00+05:30", "end": "2026-12-01T18:20:00+05:30"}
    assert read(type="slot", **times).detail == times


def test_talk() -> None:
    event = read(
        type="talk",
        appointment={"resourceType": "Appointment", "start": "2026-12-01T18:00:00+05:30"},
        link="https://meet.example/x",
    )
    assert event.detail == {"start": "2026-12-01T18:00:00+05:30", "link": "https://meet.example/x"}


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://plain.example", "https://a b", ""])
def test_only_a_web_address_is_a_link(link: str) -> None:
    assert read(type="talk", start="2026-12-01", link=link).detail["link"] == ""


def opinion(*sections: tuple[str, str], inline: bool = True) -> dict[str, Any]:
    form = {"contentType": "application/pdf", "title": "Second opinion", "url": "documents/ab"}
    section = [{"title": title, "text": {"div": f"<div>{text}</div>"}} for title, text in sections]
    entries: list[dict[str, Any]] = [
        {"resourceType": "DiagnosticReport", "presentedForm": [form]},
        {"resourceType": "Composition", "section": section},
    ]
    if inline:
        data = base64.b64encode(PDF).decode()
        entries.append({"resourceType": "Binary", "contentType": "application/pdf", "data": data})
    return {"type": "opinion", "bundle": {"entry": [{"resource": one} for one in entries]}}


def test_opinion_with_its_file() -> None:
    event = read(**opinion(("Findings", "a"), ("Summary for the family", "Short &amp;<br/>plain")))
    assert event.file
    assert event.file.data == PDF
    news = to_news(event, ASHA, "c1", "ab" * 32)
    assert news
    assert news.detail == {
        "document": "ab" * 32,
        "title": "Second opinion",
        "summary": "Short &\nplain",
    }


def test_without_a_summary_every_section_is_told() -> None:
    event = read(**opinion(("Findings", "<p>One</p><p>Two</p>"), ("Empty", "")))
    assert event.detail["summary"] == "Findings\nOne\nTwo"


def test_opinion_with_the_address_of_its_file() -> None:
    event = read(**opinion(("Findings", "a"), inline=False))
    assert event.file
    assert (event.file.data, event.file.url) == (b"", "documents/ab")


def test_events_seen_before_are_left_out() -> None:
    sent = body(task("accepted"), {**task("completed"), "id": "e2"})
    assert [event.id for event in parse(sent, seen={"e1"})] == ["e2"]


MALFORMED = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"\xff\xfe", id="no text"),
    pytest.param(b'{"events": {}}'[:-2] + b"1}", id="no list"),
    pytest.param(b"[" * 100_000, id="deep"),
    pytest.param(body({**task("accepted"), "case": "../etc"}), id="a path for a case"),
    pytest.param(body({**task("accepted"), "id": "x" * 65}), id="a long id"),
    pytest.param(body({**task("accepted"), "id": 7}), id="a number for an id"),
    pytest.param(body({"type": "slot", "slot": "s1"}), id="a slot without times"),
    pytest.param(body({"type": "opinion", "bundle": {}}), id="an opinion without entries"),
    pytest.param(body({"type": "status", "task": "x"}), id="a task of words"),
]


@pytest.mark.parametrize("sent", MALFORMED)
def test_malformed(sent: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(sent)
    assert refused.value.status == 400


def test_a_file_that_is_not_base64_is_malformed() -> None:
    told = opinion(("Findings", "a"))
    told["bundle"]["entry"][2]["resource"]["data"] = "%%%"
    with pytest.raises(Refused):
        parse(body(told))
