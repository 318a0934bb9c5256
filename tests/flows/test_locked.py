"""A PDF with a password: asked for in the same turn, used once, kept nowhere."""

from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace

from bot.channels import Reply
from flows.effects import UnlockDocument
from flows.messages import DocumentKept
from storage.mailbox import unwritten
from tests.flows.test_albums import case, collecting, texts
from tests.talk import ASHA, Talk

SECRET = "Sunita-1981!"
LOCKED = {"verdict": "refused", "reason": "encrypted", "mime": "application/pdf"}


@pytest.fixture
def talk() -> Talk:
    """A report with a password has just come."""
    talk = Talk(collecting(), verdicts=[dict(LOCKED)])
    assert "has a password" in texts(talk.send("report", mime="application/pdf"))
    return talk


def orders(talk: Talk) -> list[UnlockDocument]:
    return [each for each in talk.effects if isinstance(each, UnlockDocument)]


def tried(talk: Talk, **found: Any) -> list[Reply]:
    """What came of the latest password."""
    order = orders(talk)[-1]
    kept = DocumentKept(
        f"kept:{len(talk.effects)}", ASHA, order.case, order.slot, order.upload,
        order.document, "application/pdf", 1000, place=order.place,
    )  # fmt: skip
    return talk.update(replace(kept, **found))


def test_the_next_words_open_it(talk: Talk) -> None:
    talk.say(SECRET)
    assert orders(talk)[0].password == SECRET
    assert "1 page" not in texts(talk.replies)
    said = tried(talk, view="e" * 64, pages=3)
    assert "3 pages are here" in texts(said)
    (paper,) = case(talk).papers["biopsy_report"]
    assert (paper.document, paper.view) == (orders(talk)[0].document, "e" * 64)
    assert talk.conversation.locked is None


def test_the_password_is_in_no_state_and_in_no_log(talk: Talk) -> None:
    before = len(talk.effects)
    talk.say(SECRET)
    assert unwritten(talk.effects[before:])
    tried(talk, view="e" * 64)
    assert SECRET.encode() not in json.encode(talk.conversation)


def test_a_turn_without_a_password_is_logged(talk: Talk) -> None:
    assert not unwritten(talk.effects)


def test_a_wrong_one_is_asked_again_and_given_up_at_last(talk: Talk) -> None:
    for _ in range(2):
        talk.say("abc123")
        assert "does not open" in texts(tried(talk, **LOCKED))
    talk.say("abc123")
    assert "photos of the pages" in texts(tried(talk, **LOCKED))
    assert talk.conversation.locked is None
    assert "biopsy_report" not in case(talk).papers


def test_nobody_knows_it(talk: Talk) -> None:
    assert "No matter" in texts(talk.tap("I don't know it"))
    talk.say(SECRET)
    assert not orders(talk)


@pytest.mark.parametrize("wish", ["help", "stop", "talk to a person"])
def test_a_wish_is_no_password(talk: Talk, wish: str) -> None:
    talk.say(wish)
    assert not orders(talk)


def test_a_photo_instead_is_taken(talk: Talk) -> None:
    assert "1 page" in texts(talk.send("photo"))
    assert not orders(talk)


def test_a_tap_is_no_password(talk: Talk) -> None:
    talk.send("photo")
    talk.tap("Done")
    assert not orders(talk)
