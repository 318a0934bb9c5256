"""A message whose webhook never came is found in Twilio's list, and reaches its own chat alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import sweep, turns
from bot.app import App
from bot.channels import SendFailed
from bot.channels.twilio_updates import message
from bot.clock import now
from bot.settings import Settings, load
from bot.sweep import Sweep
from bot.wiring import Places, opened
from flows.messages import Message
from storage.mailbox import Turn
from storage.records import Marks
from tests.fake_twilio import FakeTwilio, fake_twilio

pytestmark = pytest.mark.slow

ASHA, RAVI = "whatsapp:+919800000001", "whatsapp:+919800000002"  # fictional
LONG_AGO = 200.0


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with fake_twilio() as fake:
        yield fake


@pytest.fixture
async def app(
    twilio: FakeTwilio, tmp_path: Path, valkey_url: str, migrated_url: str
) -> AsyncIterator[App]:
    parts: dict[str, Any] = {
        "data_dir": tmp_path,
        "channels": {"phone": {"enabled": False}, "whatsapp": twilio.settings},
    }
    settings = load(None).model_copy(update=Settings(**parts).__dict__)
    async with opened(settings, Places(valkey_url, migrated_url), works=False) as made:
        yield made.app


async def hears(app: App, twilio: FakeTwilio, sender: str, text: str, **told: Any) -> Message:
    """A webhook comes and is answered."""
    sent = await twilio.write(sender, text, **told)
    heard = message(sent["fields"])
    await turns.receive(app, [heard])
    assert await turns.take(app)
    return heard


async def brought(app: App, *, sweeper: Sweep | None = None) -> list[Turn]:
    """What a sweep puts into the mailbox."""
    await (sweeper or Sweep(app)).once()
    found = []
    while turn := await app.mailbox.take():
        found.append(turn)
    return found


async def test_a_lost_message_reaches_its_own_chat(app: App, twilio: FakeTwilio) -> None:
    known = await hears(app, twilio, ASHA, "hello", ago=LONG_AGO)
    await hears(app, twilio, RAVI, "hello", ago=LONG_AGO)
    await twilio.write(ASHA, "nobody heard this", times=0, ago=LONG_AGO)
    sweeper = Sweep(app)
    [turn] = await brought(app, sweeper=sweeper)
    assert turn.conversation.address == known.sender
    [found] = turn.updates
    assert isinstance(found, Message)
    assert (found.text, found.sender) == ("nobody heard this", known.sender)
    assert await brought(app, sweeper=sweeper) == []
    assert await brought(app) == []


async def test_under_an_unknown_number_nobody_is_guessed(
    app: App, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    await hears(app, twilio, ASHA, "hello")
    await twilio.write(RAVI, "nobody heard this", times=0, ago=LONG_AGO)
    assert await brought(app) == []
    assert "nobody is known" in caplog.text
    assert "9800000002" not in caplog.text


async def test_a_number_that_others_have_now_is_theirs(app: App, twilio: FakeTwilio) -> None:
    await hears(app, twilio, ASHA, "hello", ago=LONG_AGO)
    lasting = {"ExternalUserId": "whatsapp:IN.another"}
    theirs = await hears(app, twilio, ASHA, "hello", ago=LONG_AGO, extra=lasting)
    await twilio.write(ASHA, "nobody heard this", times=0, ago=LONG_AGO)
    [turn] = await brought(app)
    assert turn.conversation.address == theirs.sender


async def test_after_erasure_nobody_is_known(app: App, twilio: FakeTwilio) -> None:
    known = await hears(app, twilio, ASHA, "hello", ago=LONG_AGO)
    name = await app.senders.conversation("whatsapp", ASHA)
    await app.erase(name, "request", app.now(), [])
    await twilio.write(ASHA, "nobody heard this", times=0, ago=LONG_AGO)
    assert known.sender.reply_to == ASHA
    assert await brought(app) == []


async def test_files_come_along(app: App, twilio: FakeTwilio) -> None:
    await hears(app, twilio, ASHA, "hello", ago=LONG_AGO)
    await twilio.write(
        ASHA, media=[("image/jpeg", b"a page"), ("image/png", b"b")], times=0, ago=LONG_AGO
    )
    [turn] = await brought(app)
    [found] = turn.updates
    assert isinstance(found, Message)
    assert [file.mime for file in found.attachments] == ["image/jpeg", "image/png"]
    pieces = [each async for each in app.channels["whatsapp"].fetch(found.attachments[0])]
    assert b"".join(pieces) == b"a page"


async def test_what_may_still_come_by_webhook_is_left_for_a_while(
    app: App, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hears(app, twilio, ASHA, "hello")
    await twilio.write(ASHA, "on its way", times=0, ago=1)
    assert await brought(app) == []
    monkeypatch.setattr(sweep, "SETTLED", timedelta(0))
    assert len(await brought(app)) == 1


async def test_a_list_that_cannot_be_read_is_read_from_there_later(
    app: App, twilio: FakeTwilio
) -> None:
    await hears(app, twilio, ASHA, "hello", ago=LONG_AGO)
    await twilio.write(ASHA, "nobody heard this", times=0, ago=LONG_AGO)
    await twilio.fault("list", status=500, code=20500)
    with pytest.raises(SendFailed):
        await brought(app)
    assert len(await brought(app)) == 1


async def test_after_hours_away_the_list_is_read_from_where_it_ended(
    app: App, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hears(app, twilio, ASHA, "hello", ago=3 * 3600)
    monkeypatch.setattr(app, "now", lambda: now() - timedelta(hours=3) + timedelta(minutes=3))
    assert await brought(app) == []
    assert (await Marks(app.engine).get("swept whatsapp")) != ""
    await twilio.write(ASHA, "written while we were away", times=0, ago=2 * 3600)
    monkeypatch.setattr(app, "now", now)
    assert len(await brought(app)) == 1


async def test_an_empty_list_leaves_nothing_behind(app: App) -> None:
    await Sweep(app).once()
    assert await Marks(app.engine).get("swept whatsapp") == ""


async def test_many_come_in_the_order_in_which_they_were_written(
    app: App, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.twilio_list.PAGE", 5)
    await hears(app, twilio, ASHA, "hello", ago=LONG_AGO + 60)
    for n in range(12):
        await twilio.write(ASHA, f"line {n}", times=0, ago=LONG_AGO - n)
    [turn] = await brought(app)
    said = [update.text for update in turn.updates if isinstance(update, Message)]
    assert said == [f"line {n}" for n in range(12)]
