"""A dependency that fails again and again is left alone for a while."""

import pytest

from bot import sending
from bot.breaker import Breaker
from bot.channels import SendFailed
from flows.effects import Line, Say
from storage.mailbox import Outgoing
from tests.fakes import FakeChannel, fake_app
from tests.storage.test_mailbox import ASHA


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row_and_lets_one_try_again() -> None:
    clock = Clock()
    breaker = Breaker(3, 10, clock)
    for _ in range(2):
        breaker.failed()
    breaker.worked()
    for _ in range(3):
        assert breaker.resting() == 0
        breaker.failed()
    assert breaker.resting() == 10
    clock.now = 11
    assert breaker.resting() == 0  # this one tries
    assert breaker.resting() == 10  # nobody with it
    breaker.worked()
    assert breaker.resting() == 0


async def test_a_provider_that_is_away_is_not_asked_for_every_reply() -> None:
    channel = FakeChannel(failures=[SendFailed("TimedOut") for _ in range(5)])
    app = fake_app(channel)
    words = Say((Line("", literal="hello"),))

    async def send() -> str:
        return await sending.send(app, Outgoing("c.1.0", "c", ASHA, words), words)

    for _ in range(5):
        with pytest.raises(SendFailed, match="TimedOut"):
            await send()
    with pytest.raises(SendFailed, match="resting") as resting:
        await send()
    assert resting.value.retry_after > 0
    assert channel.sent == []


async def test_a_refusal_is_an_answer() -> None:
    refusals = [SendFailed("blocked", permanent=True), SendFailed("429", retry_after=1.0)]
    channel = FakeChannel(failures=[each for _ in range(4) for each in refusals])
    app = fake_app(channel)
    words = Say((Line("", literal="hello"),))
    for _ in range(8):
        with pytest.raises(SendFailed):
            await sending.send(app, Outgoing("c.1.0", "c", ASHA, words), words)
    assert await sending.send(app, Outgoing("c.1.0", "c", ASHA, words), words)
