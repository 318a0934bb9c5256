"""The order of input and output, and what happens when something on the way fails."""

import asyncio
from typing import Any, cast

import pytest

from bot import turns
from bot.app import App
from bot.channels import FetchFailed, Reply, SendFailed
from bot.understand import meaning_of
from bot.wording import Wording
from flows.conversation import Conversation
from flows.effects import CallAgent, Effect, EraseData, LeaveQueue, SaveDocument, Say, Wake
from flows.messages import Address, Attachment, DocumentKept, Due, Message
from flows.say import say
from nlu.meaning import Meaning
from storage.mailbox import Outgoing
from storage.memory_mailbox import MemoryMailbox
from tests.fakes import FakeChannel, Notes, fake_app
from tests.files import photo
from tests.talk import ALWAYS, ASHA, START, no_intent

HELLO = Message("SM1", ASHA, "hello")
PAGE = Attachment("ME1", "image/jpeg")
SAVE = SaveDocument("case1", "biopsy_report", "SM2.0", PAGE)


async def plainly(conversation: Conversation, message: Message) -> Meaning:
    """The readers alone."""
    return await meaning_of(Wording(ALWAYS), no_intent, conversation, message, START.date())


def mailbox_of(app: App) -> MemoryMailbox:
    return cast(MemoryMailbox, app.mailbox)


def notes(part: Any) -> Notes:
    return cast(Notes, part)


async def committed(app: App, *effects: Effect) -> None:
    """Effects in the outbox of Asha's chat."""
    await app.mailbox.put([HELLO])
    turn = await app.mailbox.take()
    assert turn
    await app.mailbox.commit(turn, turn.conversation, list(effects))


async def worked_off(app: App) -> None:
    while await turns.take(app) or await turns.deliver_next(app):
        pass


async def waiting(app: App) -> list[Any]:
    """The updates that wait in Asha's chat."""
    turn = await app.mailbox.take()
    return list(turn.updates) if turn else []


async def test_a_first_message_is_answered_once_however_often_it_is_posted() -> None:
    channel = FakeChannel()
    app = fake_app(channel)
    await turns.receive(app, [HELLO])
    await turns.receive(app, [HELLO])
    await worked_off(app)
    assert len(channel.sent) == 1
    assert channel.sent[0].as_list


async def test_a_reply_that_fails_is_tried_again_and_the_next_waits() -> None:
    channel = FakeChannel(failures=[SendFailed("TimedOut")])
    app = fake_app(channel)
    await committed(app, say("greet.text"), say("help.text", options=()))
    await turns.deliver_next(app)
    assert channel.sent == []
    assert not await turns.deliver_next(app)


async def test_a_reply_that_can_never_go_out_does_not_hold_the_next_one_up() -> None:
    channel = FakeChannel(failures=[SendFailed("blocked", permanent=True)])
    app = fake_app(channel)
    await committed(app, say("greet.text"), say("thanks.text"))
    await worked_off(app)
    assert [reply.text for reply in channel.sent] == ["You are welcome."]
    assert [code for _, code in mailbox_of(app).dead_letters] == ["blocked"]


async def test_outside_the_window_a_template_goes_and_the_words_wait() -> None:
    channel = FakeChannel(failures=[SendFailed("63016", permanent=True, window_closed=True)])
    app = fake_app(channel)
    news = say("thanks.text", template="status_changed", template_params={"2": "K7M"})
    await committed(app, news)
    await turns.deliver_next(app)
    assert channel.sent[0].template == "status_changed"
    assert channel.sent[0].template_params == {"1": "Saathi", "2": "K7M"}
    await worked_off(app)
    await turns.receive(app, [Message("SM9", ASHA, "status")])
    await worked_off(app)
    assert "You are welcome." in channel.sent[1].text


async def test_a_card_number_is_never_kept_and_the_person_is_told() -> None:
    channel = FakeChannel()
    app = fake_app(channel)
    await turns.receive(app, [Message("SM1", ASHA, "my card 4111 1111 1111 1111")])
    assert "4111" not in repr(mailbox_of(app).boxes)
    await worked_off(app)
    assert "bank or card numbers" in channel.sent[0].text


async def test_a_fault_in_a_turn_loses_nothing() -> None:
    async def broken(_: Conversation, __: Message) -> Any:
        raise ValueError("Asha said something private")

    app = fake_app(FakeChannel(), understand=broken)
    await turns.receive(app, [HELLO])
    assert await turns.take(app)
    assert mailbox_of(app).boxes
    assert not await turns.take(app)


async def test_a_fault_is_logged_without_what_was_said(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Conversation, message: Message) -> Any:
        raise ValueError(message.text)

    app = fake_app(FakeChannel(), understand=broken)
    await turns.receive(app, [Message("SM1", ASHA, "bachedani")])
    await turns.take(app)
    assert "turn failed: ValueError" in caplog.text
    assert "bachedani" not in caplog.text


async def test_a_photo_is_kept_looked_at_and_forgotten_at_the_provider() -> None:
    channel = FakeChannel(files={"ME1": photo("Biopsy report")})
    app = fake_app(channel)
    await committed(app, SAVE)
    await turns.deliver_next(app)
    [kept] = await waiting(app)
    assert isinstance(kept, DocumentKept)
    assert (kept.verdict, kept.slot, kept.pages) == ("ok", "biopsy_report", 1)
    await asyncio.gather(*app.tasks)
    assert channel.forgotten == ["ME1"]


async def test_a_page_stays_at_the_provider_until_it_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = FakeChannel(files={"ME1": photo("Biopsy report")})
    app = fake_app(channel)
    await committed(app, SAVE)

    async def broken(*_: object, **__: object) -> list[Any]:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(app.mailbox, "put", broken)
        await turns.deliver_next(app)
    await asyncio.gather(*app.tasks)
    assert channel.forgotten == []


REFUSED = [
    pytest.param(b"not a picture", [], "unreadable", id="broken file"),
    pytest.param(b"", [FetchFailed("gone", permanent=True)], "gone", id="gone"),
    pytest.param(b"", [FetchFailed("too_big", permanent=True)], "too_big", id="too big"),
]


@pytest.mark.parametrize(("data", "broken", "reason"), REFUSED)
async def test_a_file_that_cannot_be_used_is_told(
    data: bytes, broken: list[Exception], reason: str
) -> None:
    app = fake_app(FakeChannel(files={"ME1": data}, broken=broken))
    await committed(app, SAVE)
    await turns.deliver_next(app)
    [kept] = await waiting(app)
    assert isinstance(kept, DocumentKept)
    assert (kept.verdict, kept.reason) == ("refused", reason)


async def test_a_file_that_does_not_come_yet_is_tried_again() -> None:
    app = fake_app(FakeChannel(broken=[FetchFailed("404")]))
    await committed(app, SAVE)
    await turns.deliver_next(app)
    assert await waiting(app) == []
    assert mailbox_of(app).dead_letters == []


async def test_a_file_given_up_is_told_to_the_person() -> None:
    app = fake_app(FakeChannel(broken=[FetchFailed("404")]))
    lost = Outgoing("c.1.0", "c", ASHA, SAVE, attempt=turns.TRIES)
    await committed(app, SAVE)
    held = await app.mailbox.next_outgoing()
    assert held
    await turns.deliver(app, Outgoing(held.id, held.conversation, ASHA, SAVE, lost.attempt))
    [kept] = await waiting(app)
    assert isinstance(kept, DocumentKept)
    assert kept.reason == "gone"


ORDERS = [
    pytest.param(CallAgent("asked"), ["alert"], ["wake"], id="an agent is called"),
    pytest.param(LeaveQueue(), ["leave"], [], id="no agent is needed"),
    pytest.param(Wake("later", START), [], ["wake"], id="a reminder"),
    pytest.param(EraseData("R1", START), [], ["erase"], id="everything is to go"),
]


@pytest.mark.parametrize(("order", "desk", "jobs"), ORDERS)
async def test_other_orders(order: Effect, desk: list[str], jobs: list[str]) -> None:
    app = fake_app(FakeChannel())
    await committed(app, order)
    await turns.deliver_next(app)
    assert notes(app.desk).names() == desk
    assert notes(app.jobs).names() == jobs


def test_waiting_doubles_and_ends_at_five_minutes() -> None:
    assert 0.5 <= turns.backoff(0) <= 1
    assert all(150 <= turns.backoff(n) <= 300 for n in (9, 20, 60))


async def written(app: App, number: int, text: str) -> None:
    """Something written on Telegram, worked at once."""
    await turns.receive(app, [Message(f"T{number}", ASHA, text, order=number)])
    await worked_off(app)


def answers_of(app: App) -> dict[str, Any]:
    [box] = mailbox_of(app).boxes.values()
    assert box.state
    return {name: given.value for name, given in box.state.case.answers.items()}


async def at_the_age(app: App) -> None:
    """Asha is asked how old she is, and then for her sex."""
    for number, text in enumerate(("English", "For myself", "yes", "yes", "yes", "Asha", "yes")):
        await written(app, number + 1, text)


async def test_what_was_overtaken_is_put_into_the_order_in_which_it_was_written() -> None:
    channel = FakeChannel()
    app = fake_app(channel, understand=plainly)
    await at_the_age(app)
    await written(app, 21, "Female")
    await written(app, 20, "58")
    said = answers_of(app)
    assert (said["age_or_birth"]["age_years"], said["sex"]) == (58, "female")
    assert channel.sent[-1].text.startswith("Your messages reached me in the wrong order.")
    assert "Which city" in channel.sent[-1].text


async def test_what_was_overtaken_long_ago_answers_nothing() -> None:
    channel = FakeChannel()
    app = fake_app(channel, understand=plainly)
    await at_the_age(app)
    await written(app, 20, "58")
    await written(app, 22, "Female")
    await written(app, 23, "Kochi")
    [box] = mailbox_of(app).boxes.values()
    box.undo = None
    await written(app, 21, "Pune")
    assert answers_of(app)["place"]["text"] == "Kochi"
    assert channel.sent[-1].text.startswith("One of your messages reached me late")


class Numbered(FakeChannel):
    """A channel whose ids are numbers, as Telegram's: the next bubble gets `number`."""

    number = 1

    async def send(self, to: Address, reply: Reply) -> str:
        await super().send(to, reply)
        return str(self.number)


async def test_what_was_written_before_its_question_does_not_answer_it() -> None:
    channel = Numbered()
    app = fake_app(channel, understand=plainly)
    await at_the_age(app)
    channel.number = 22
    await written(app, 20, "58")
    await written(app, 21, "Female")
    assert "sex" not in answers_of(app)
    assert channel.sent[-1].text.startswith("One of your messages was written before")
    await written(app, 23, "Female")
    assert answers_of(app)["sex"] == "female"


async def test_a_late_word_for_a_person_is_obeyed() -> None:
    channel = FakeChannel()
    app = fake_app(channel, understand=plainly)
    await at_the_age(app)
    await written(app, 22, "58")
    [box] = mailbox_of(app).boxes.values()
    box.undo = None
    await written(app, 21, "I want to talk to a person")
    assert notes(app.desk).names() == ["alert"]


async def test_unsaid_words_survive_the_way_through_the_mailbox() -> None:
    app = fake_app(FakeChannel())
    words = Say((), template="status_changed")
    await committed(app, words)
    held = await app.mailbox.next_outgoing()
    assert held
    await turns._through_template(app, held, words)
    [unsaid] = await waiting(app)
    assert isinstance(unsaid, Due)
    assert unsaid.what == "unsaid"
