"""The agents' desk over real HTTP, on a real PostgreSQL."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.desk import passwords
from bot.desk.api import routes
from bot.desk.desk import Desk
from bot.wording import Wording
from flows.conversation import Case, Conversation, Given, Paper
from flows.effects import Line, Say
from flows.messages import Address, AgentLeft, AgentTook, AgentWrote, Delivery, Message, Update
from storage.database import open_engine
from storage.documents import Documents, open_documents
from storage.mailbox_wire import conversation_id
from storage.memory_mailbox import MemoryMailbox
from storage.record_history import Said
from tests.web import serving

pytestmark = pytest.mark.slow  # a database for each test

INDEX = b"i" * 32
ASHA = Address("phone", "a" * 32, "a" * 32)
CHAT = conversation_id(INDEX, ASHA)
PASSWORD = "a long password of ours"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class OneKey:
    """Keys for the document store."""

    async def key(self, subject: str) -> bytes:
        return b"k" * 32

    async def keep(self, subject: str) -> None:
        return


class Past:
    """The record: what a test says was said."""

    def __init__(self) -> None:
        self.said: list[Said] = []

    async def history(self, conversation: str, limit: int) -> list[Said]:
        return self.said[-limit:]

    async def restore(self, conversation: str) -> Conversation | None:
        return None


class Rig:
    """A served desk with a moving clock."""

    def __init__(self, desk: Desk, mailbox: MemoryMailbox, documents: Documents) -> None:
        self.desk, self.mailbox, self.documents = desk, mailbox, documents
        self.past = Past()
        desk.records = self.past
        self.base = ""
        self.at = NOON
        self.sessions: list[aiohttp.ClientSession] = []

    def now(self) -> datetime:
        return self.at

    async def chat(self, address: Address = ASHA, **fields: Any) -> str:
        """A conversation that is known to the mailbox."""
        await self.mailbox.put([Message("m1", address, "hello")])
        turn = await self.mailbox.take()
        assert turn
        state = Conversation(turn.conversation.id, address, "seed", "hi", **fields)
        assert await self.mailbox.commit(turn, state, []) is not None
        return state.id

    def inbox(self) -> list[Update]:
        """What the desk put into the mailbox."""
        return [update for box in self.mailbox.boxes.values() for update in box.inbox]

    async def agent(self, login: str) -> "Hand":
        """An agent who was invited, set a password and logged in."""
        hand = self.stranger()
        token = await self.desk.invite(login.title(), login)
        assert await hand.post("join", token=token, password=PASSWORD) == 200
        assert await hand.log_in(login, PASSWORD) == 200
        return hand

    def stranger(self) -> "Hand":
        """A browser that is not logged in."""
        jar = aiohttp.CookieJar(unsafe=True)
        wire = aiohttp.TCPConnector(force_close=True)
        self.sessions.append(aiohttp.ClientSession(cookie_jar=jar, connector=wire))
        return Hand(self.base, self.sessions[-1])


class Hand:
    """One agent's browser."""

    def __init__(self, base: str, browser: aiohttp.ClientSession) -> None:
        self.api, self.browser, self.token = f"{base}/desk/api", browser, ""

    async def log_in(self, login: str, password: str) -> int:
        body = {"login": login, "password": password}
        async with self.browser.post(f"{self.api}/login", json=body) as answer:
            self.token = (await answer.json()).get("token", "")
            return answer.status

    async def post(self, path: str, **body: Any) -> int:
        headers = {"X-Desk-Token": self.token}
        async with self.browser.post(f"{self.api}/{path}", json=body, headers=headers) as answer:
            return answer.status

    async def upload(self, path: str, name: str, content: bytes) -> int:
        form = aiohttp.FormData({"id": secrets.token_hex(16)}, quote_fields=False)
        form.add_field("file", content, filename=name, content_type="application/pdf")
        headers = {"X-Desk-Token": self.token}
        async with self.browser.post(f"{self.api}/{path}", data=form, headers=headers) as answer:
            return answer.status

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.browser.get(f"{self.api}/{path}") as answer:
            return answer.status, await answer.json()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LOG_COST", 8)


@pytest.fixture
async def rig(migrated_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    engine = open_engine(migrated_url)
    past, documents = Past(), open_documents("", "", "", OneKey(), tmp_path)
    mailbox = MemoryMailbox(INDEX, past.restore, lambda: NOON, lambda: "seed")
    made: list[Rig] = []
    desk = Desk(engine, past, mailbox, documents, Wording({}), lambda: made[0].now())
    rig = Rig(desk, mailbox, documents)
    made.append(rig)
    async with serving(routes(desk)) as rig.base:
        yield rig
        for session in rig.sessions:
            await session.close()
    await engine.dispose()


async def waiting_chat(rig: Rig) -> str:
    """A chat in the queue."""
    chat = await rig.chat()
    await rig.desk.alert("effect-1", chat, "asked", False)
    return chat


# Accounts.


async def test_an_invitation_sets_the_first_password_once(rig: Rig) -> None:
    hand = rig.stranger()
    token = await rig.desk.invite("Meena", "Meena@desk ")
    assert await hand.log_in("meena@desk", "") == 401
    assert await hand.post("join", token=token, password="short") == 422
    assert await hand.post("join", token=token, password=PASSWORD) == 200
    assert await hand.post("join", token=token, password="another long password") == 410
    assert await hand.log_in("meena@desk", PASSWORD) == 200
    assert await hand.get("me") == (200, {"name": "Meena", "token": hand.token})


async def test_an_old_invitation_is_over(rig: Rig) -> None:
    token = await rig.desk.invite("Meena", "meena")
    rig.at += timedelta(days=8)
    assert await rig.stranger().post("join", token=token, password=PASSWORD) == 410


async def test_a_new_invitation_ends_old_logins_once_used(rig: Rig) -> None:
    meena = await rig.agent("meena")
    token = await rig.desk.invite("Meena", "meena")
    assert (await meena.get("queue"))[0] == 200
    assert await rig.stranger().post("join", token=token, password="quite another password") == 200
    assert (await meena.get("queue"))[0] == 401


async def test_a_login_that_is_none_is_refused(rig: Rig) -> None:
    for login in ("", "a", "with space", "<b>", "x" * 99):
        with pytest.raises(ValueError, match="login"):
            await rig.desk.invite("Meena", login)


async def test_wrong_login_and_wrong_password_look_the_same(rig: Rig) -> None:
    await rig.agent("meena")
    stranger = rig.stranger()
    assert await stranger.log_in("meena", "wrong password") == 401
    assert await stranger.log_in("nobody", PASSWORD) == 401


async def test_guessing_is_braked(rig: Rig) -> None:
    await rig.agent("meena")
    stranger = rig.stranger()
    for _ in range(8):
        assert await stranger.log_in("meena", "guess") == 401
    assert await stranger.log_in("meena", PASSWORD) == 429
    rig.at += timedelta(minutes=16)
    assert await stranger.log_in("meena", PASSWORD) == 200


async def test_a_login_ends(rig: Rig) -> None:
    meena = await rig.agent("meena")
    assert (await meena.get("queue"))[0] == 200
    rig.at += timedelta(hours=13)
    assert (await meena.get("queue"))[0] == 401


async def test_logging_out_ends_the_session(rig: Rig) -> None:
    meena = await rig.agent("meena")
    cookies = {c.key: c.value for c in meena.browser.cookie_jar}
    assert await meena.post("logout") == 200
    meena.browser.cookie_jar.update_cookies(cookies)
    assert (await meena.get("queue"))[0] == 401


async def test_the_cookie_is_out_of_reach(rig: Rig) -> None:
    await rig.agent("meena")
    body = {"login": "meena", "password": PASSWORD}
    browser = rig.stranger().browser
    async with browser.post(f"{rig.base}/desk/api/login", json=body) as answer:
        cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_a_write_without_the_pages_token_is_refused(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    meena.token = "guessed"
    for path in ("claim", "release", "messages", "files"):
        assert await meena.post(f"chats/{chat}/{path}", id="0" * 32, text="hi") == 403
    assert await meena.post("logout") == 403
    assert rig.inbox() == []


async def test_strangers_see_nothing(rig: Rig) -> None:
    await waiting_chat(rig)
    for path in ("me", "queue", f"chats/{CHAT}", f"chats/{CHAT}/files/a/b"):
        assert await rig.stranger().get(path) == (401, {"error": "not_logged_in"})


# The queue.


async def test_the_queue_shows_urgent_ones_first_and_nothing_private(rig: Rig) -> None:
    first = await rig.chat(profile_name="Asha")
    await rig.desk.alert("effect-1", first, "asked", False)
    rig.at += timedelta(minutes=5)
    second = await rig.chat(Address("phone", "b" * 32))
    await rig.desk.alert("effect-2", second, "red_flag.bleeding", True)
    meena = await rig.agent("meena")
    status, found = await meena.get("queue")
    assert status == 200
    assert [row["conversation"] for row in found["chats"]] == [second, first]
    assert found["chats"][1] == {
        "conversation": first,
        "reasons": ["asked"],
        "urgent": False,
        "since": NOON.isoformat(),
        "minutes": 5,
        "mine": False,
    }


async def test_the_same_alert_twice_opens_one_handoff(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    await rig.desk.alert("effect-1", chat, "asked", False)
    await rig.desk.leave(chat)
    await rig.desk.alert("effect-1", chat, "asked", False)
    meena = await rig.agent("meena")
    assert (await meena.get("queue"))[1] == {"chats": []}


async def test_a_further_reason_joins_the_open_handoff(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    await rig.desk.alert("effect-2", chat, "red_flag.fever", True)
    await rig.desk.alert("effect-3", chat, "callback", False)
    meena = await rig.agent("meena")
    [row] = (await meena.get("queue"))[1]["chats"]
    assert row["urgent"] is True
    assert sorted(row["reasons"]) == ["asked", "callback", "red_flag.fever"]
    await rig.desk.leave(chat)
    await rig.desk.alert("effect-3", chat, "callback", False)
    assert (await meena.get("queue"))[1] == {"chats": []}


async def test_a_chat_may_wait_again_later(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    await rig.desk.leave(chat)
    rig.at += timedelta(hours=1)
    await rig.desk.alert("effect-2", chat, "follow_up", False)
    meena = await rig.agent("meena")
    [row] = (await meena.get("queue"))[1]["chats"]
    assert (row["reasons"], row["minutes"]) == (["follow_up"], 0)


# Taking, writing, handing back.


async def test_two_claims_at_once_one_wins(rig: Rig) -> None:
    meena, ravi = await rig.agent("meena"), await rig.agent("ravi")
    chats = [await rig.chat(Address("phone", f"{number}" * 32)) for number in range(6)]
    for chat in chats:
        await rig.desk.alert(f"effect-{chat}", chat, "asked", False)
        tries = [hand.post(f"chats/{chat}/claim") for hand in (meena, ravi)]
        assert sorted(await asyncio.gather(*tries)) == [200, 409]
    assert [type(update) for update in rig.inbox()] == [AgentTook] * 6


async def test_claiming_twice_tells_the_person_once(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    assert await meena.post(f"chats/{chat}/claim") == 200
    assert await meena.post(f"chats/{chat}/claim") == 200
    [took] = rig.inbox()
    assert isinstance(took, AgentTook)
    assert (took.id, took.sender, took.name) == ("desk:effect-1:took", ASHA, "Meena")


async def test_a_taken_chat_is_closed_to_others(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena, ravi = await rig.agent("meena"), await rig.agent("ravi")
    await meena.post(f"chats/{chat}/claim")
    assert await ravi.get(f"chats/{chat}") == (409, {"error": "taken"})
    assert await ravi.post(f"chats/{chat}/messages", id="0" * 32, text="hi") == 409
    assert await ravi.upload(f"chats/{chat}/files", "a.pdf", b"%PDF-1.7") == 409
    assert await ravi.post(f"chats/{chat}/release") == 409
    assert (await ravi.get("queue"))[1] == {"chats": []}
    assert len(rig.inbox()) == 1


async def test_only_who_holds_the_chat_may_write(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    assert await meena.post(f"chats/{chat}/messages", id="0" * 32, text="hi") == 409
    assert rig.inbox() == []


async def test_words_go_into_the_mailbox_once(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    for _ in range(2):
        assert await meena.post(f"chats/{chat}/messages", id="c" * 32, text=" नमस्ते ") == 202
    wrote = rig.inbox()[1:]
    assert [update.id for update in wrote] == [f"desk:{'c' * 32}"]
    assert isinstance(wrote[0], AgentWrote)
    assert wrote[0].text == "नमस्ते"


BAD_WORDS: list[tuple[dict[str, Any], int]] = [
    ({"id": "0" * 32, "text": "  "}, 422),
    ({"id": "0" * 32, "text": "x" * 1501}, 422),
    ({"id": "not a name", "text": "hi"}, 400),
    ({"text": "hi"}, 400),
    ({"id": "0" * 32, "text": ["hi"]}, 400),
    ({"id": "0" * 32, "text": "x" * 70_000}, 413),
]


async def test_bad_words_are_refused(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    for body, status in BAD_WORDS:
        assert await meena.post(f"chats/{chat}/messages", **body) == status
    assert len(rig.inbox()) == 1


async def test_a_file_is_kept_and_sent(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    assert await meena.upload(f"chats/{chat}/files", "C:\\x\\letter.pdf", b"%PDF-1.7 hello") == 202
    wrote = rig.inbox()[1]
    assert isinstance(wrote, AgentWrote)
    assert (wrote.name, wrote.mime) == ("letter.pdf", "application/pdf")
    kept = b"".join([part async for part in rig.documents.read(chat, wrote.document)])
    assert kept == b"%PDF-1.7 hello"


async def test_a_file_that_is_no_document_is_refused(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    assert await meena.upload(f"chats/{chat}/files", "letter.pdf", b"MZ\x90\x00 a program") == 415
    big = b"%PDF-1.7" + b"x" * 16_200_000
    assert await meena.upload(f"chats/{chat}/files", "letter.pdf", big) == 413
    assert len(rig.inbox()) == 1


async def test_handing_back_ends_it(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    assert await meena.post(f"chats/{chat}/release") == 200
    assert isinstance(rig.inbox()[-1], AgentLeft)
    assert await meena.post(f"chats/{chat}/messages", id="0" * 32, text="hi") == 404
    assert await meena.get(f"chats/{chat}") == (404, {"error": "not_waiting"})


# What an agent sees.


async def test_a_chat_shows_history_answers_and_the_question(rig: Rig) -> None:
    case = Case("case-1", "SA-123", {"city": Given("Pune", NOON)})
    chat = await rig.chat(profile_name="Asha", step="intake.age", cases=(case,))
    await rig.desk.alert("effect-1", chat, "asked", False)
    sent = Say((Line("", literal="One moment please"),), bot=False)
    rig.past.said = [
        Said(1, "in", NOON, "person", Message("m1", ASHA, "नमस्ते")),
        Said(2, "out", NOON, "agent", sent, Delivery.DELIVERED),
    ]
    meena = await rig.agent("meena")
    status, found = await meena.get(f"chats/{chat}")
    assert status == 200
    assert (found["name"], found["question"], found["case"]["number"]) == (
        "Asha",
        "intake.age",
        "SA-123",
    )
    assert ["Pune" in line for line in found["case"]["answers"]] == [True]
    assert [(line["by"], line["text"], line["delivery"]) for line in found["history"]] == [
        ("person", "नमस्ते", ""),
        ("agent", "One moment please", "delivered"),
    ]


async def test_a_written_word_is_not_history_before_it_was_sent(rig: Rig) -> None:
    chat = await waiting_chat(rig)
    meena = await rig.agent("meena")
    await meena.post(f"chats/{chat}/claim")
    await meena.post(f"chats/{chat}/messages", id="0" * 32, text="hi")
    assert (await meena.get(f"chats/{chat}"))[1]["history"] == []


async def test_records_of_this_chat_can_be_opened(rig: Rig) -> None:
    async def scan() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7 a report"

    kept = await rig.documents.keep("case-1", scan(), 1000)
    paper = Paper(kept.document, kept.mime, kept.size)
    case = Case("case-1", "SA-123", papers={"biopsy_report": (paper,)})
    chat = await rig.chat(cases=(case,))
    await rig.desk.alert("effect-1", chat, "asked", False)
    meena = await rig.agent("meena")
    address = f"{meena.api}/chats/{chat}/files/case-1/{kept.document}"
    async with meena.browser.get(address) as answer:
        assert await answer.read() == b"%PDF-1.7 a report"
        assert answer.content_type == "application/pdf"
    assert (await meena.get(f"chats/{chat}/files/case-2/{kept.document}"))[0] == 404
    assert (await meena.get(f"chats/{chat}/files/case-1/{'0' * 64}"))[0] == 404


async def test_a_chat_that_does_not_wait_is_private(rig: Rig) -> None:
    chat = await rig.chat()
    meena = await rig.agent("meena")
    assert await meena.get(f"chats/{chat}") == (404, {"error": "not_waiting"})
    assert await meena.post(f"chats/{chat}/claim") == 404


async def test_the_page_asks_for_a_login_first(rig: Rig) -> None:
    async with rig.stranger().browser.get(f"{rig.base}/desk") as page:
        assert 'name="password"' in await page.text()
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    meena = await rig.agent("meena")
    async with meena.browser.get(f"{rig.base}/desk") as page:
        assert 'id="queue"' in await page.text()
