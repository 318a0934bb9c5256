"""Telegram's speed limits, on a clock of the test's own."""

from bot.channels.telegram_pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def times(pace: Pace, clock: Clock, chats: list[int]) -> list[float]:
    found = []
    for chat in chats:
        await pace.wait(chat)
        found.append(round(clock.now - 100, 2))
    return found


async def test_a_chat_gets_a_few_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    assert await times(pace, clock, [42] * 6) == [0, 0, 0, 1, 2, 3]


async def test_all_chats_together_get_25_a_second() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    assert (await times(pace, clock, list(range(103))))[-1] == 4.0


async def test_a_held_chat_is_free_again_later() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.hold(42, 5)
    assert (pace.held(42), pace.held(43)) == (5, 0)
    clock.now += 6
    assert pace.held(42) == 0
