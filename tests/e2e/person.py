"""A person who tells a case: reads what the bot asks, answers it, waits, says it again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.e2e import reading
from tests.e2e.chats import Bubble, Chat
from tests.e2e.reading import Asked
from tests.e2e.told import OWN_PHONE, Told

MOST, SAME = 400, 12
LOOK_EVERY = 0.08
SETTLE = 1.5


class Stuck(AssertionError):
    """The talk does not go on; the message says at which question."""


@dataclass
class Person:
    """Somebody with a case to tell. `patience`: seconds until they say it again.

    `since` is when the bot could last be reached, as far as a person notices; `before` is
    called before everything that the person does. `settle`: how long they look at a
    question that came twice, before they answer it again.
    """

    chat: Chat
    told: Told
    patience: float = 15.0
    since: Callable[[], float] = lambda: 0.0
    before: Callable[[], Awaitable[None]] | None = None
    settle: float = SETTLE
    seen: int = 0
    acts: int = 0
    repeats: int = 0
    misunderstood: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    paper: str = ""
    page: str = ""
    last: tuple[str, str] = ("", "")

    @property
    def language(self) -> str:
        return self.told.language

    async def tell(self) -> str:
        """Begin, answer everything, check the page and send; the bot's last words."""
        await self._do(self.chat.say("/start" if not self.chat.knows_phone else "नमस्ते"))
        return await self.rest()

    async def rest(self) -> str:
        """Answer what is still asked, check the page and send; the bot's last words."""
        for _ in range(MOST):
            before = self.seen
            text, bubble, asked = await self._next()
            if self._sent(text):
                # News may have come in the same look: whoever waits for them finds them unread.
                self.seen = before
                return (await self.sees(self._done)).text
            await self._react(bubble, text, asked)
        raise Stuck("the bot asks for ever")

    @property
    def _done(self) -> str:
        return self._word("submit.done").partition("{")[0]

    def _sent(self, text: str) -> bool:
        return reading.plain(self._done) in reading.plain(text)

    async def _next(self) -> tuple[str, Bubble, Asked]:
        """What came since the last look, once a question stands in it."""
        began, repeated = time.monotonic(), 0
        while True:
            found = await self.chat.bubbles()
            text = "\n".join(one.text for one in found[self.seen :])
            asked = reading.question(text, self._reads(text))
            if asked and not await self._echo(asked, text, found, began):
                self.seen = len(found)
                return text, found[-1], asked
            if time.monotonic() - max(began, self.since()) > self.patience:
                repeated += 1
                if repeated > 6:
                    raise Stuck(f"no answer after {self.asked[-3:]}")
                began = time.monotonic()
                await self._again(found)
            await asyncio.sleep(LOOK_EVERY)

    async def _echo(self, asked: Asked, text: str, found: list[Bubble], began: float) -> bool:
        """The very question that was just answered: is its successor on the way?"""
        if (asked.name, text) != self.last:
            return False
        return time.monotonic() - max(began, self.since()) < self.settle

    def _reads(self, text: str) -> str:
        return self.language if self.asked else "en"

    async def _again(self, found: list[Bubble]) -> None:
        """Nothing came: answer the last question on the screen once more."""
        self.repeats += 1
        if not self.asked:
            await self._do(self.chat.say("hello"))
            return
        for number in range(len(found), 0, -1):
            text = found[number - 1].text
            if asked := reading.question(text, self.language):
                await self._answer(found[number - 1], text, asked)
                return

    async def _do(self, doing: Awaitable[bool]) -> None:
        self.acts += 1
        if self.before:
            await self.before()
        await doing

    async def _react(self, bubble: Bubble, text: str, asked: Asked) -> None:
        # A photo may be refused twice in the same words.
        if (asked.name, text) == self.last and asked.name != "retake":
            self.repeats += 1
        self.last = (asked.name, text)
        self._notice(asked, text)
        self.asked.append(asked.name)
        if len(self.asked) > SAME and len(set(self.asked[-SAME:])) == 1:
            raise Stuck(f"{asked.name} is asked for ever: {text}")
        await self._answer(bubble, text, asked)

    def _notice(self, asked: Asked, text: str) -> None:
        row = self.told.rows.get(asked.name)
        if row and isinstance(row["say"], str) and self.asked and self.asked[-1] == asked.name:
            self.misunderstood.append(f"{asked.name}: {row['say']}")

    async def _answer(self, bubble: Bubble, text: str, asked: Asked) -> None:
        special = getattr(self, f"_on_{asked.name}", None)
        if special:
            await special(bubble, text, asked)
        elif asked.name in self.told.rows:
            await self._say(bubble, text, asked.name)
        else:
            raise Stuck(f"nothing is told about {asked.name}")

    async def _say(self, bubble: Bubble, text: str, name: str) -> None:
        row, step = self.told.rows[name], f"0.{name}"
        said = row["say"] if isinstance(row["say"], str) else self._next_choice(text, name)
        if said == OWN_PHONE:
            await self._do(self.chat.tap(bubble, "!this_number"))
        elif self.asked.count(name) > 2 and bubble.has(f"{step}={row['value']}"):
            await self._do(self.chat.tap(bubble, f"{step}={row['value']}"))
        else:
            await self._do(self.chat.say(said))

    def _next_choice(self, text: str, name: str) -> str:
        """Several may be chosen: the next that is not among the chosen ones, or the end."""
        if name == "questions":
            return str(self.told.rows[name]["say"][0])
        said, values = self.told.rows[name]["say"], self.told.rows[name]["value"]
        chosen = reading.chosen(text, self.language)
        left = [
            one
            for one, value in zip(said, values, strict=False)
            if f", {reading.option(name, value, self.language)}, " not in chosen
        ]
        return str((left or said[-1:])[0])

    async def _on_language(self, bubble: Bubble, text: str, asked: Asked) -> None:
        await self._tap_row(bubble, f"0.language={self.language}")

    async def _on_read_back(self, bubble: Bubble, text: str, asked: Asked) -> None:
        rows = self.told.rows.values()
        said = next(row["then"]["confirm"] for row in rows if "then" in row)
        await self._do(self.chat.say(said))

    async def _on_offered(self, bubble: Bubble, text: str, asked: Asked) -> None:
        await self._do(self.chat.tap(bubble, "0.offered=yes"))

    async def _on_urgency_date(self, bubble: Bubble, text: str, asked: Asked) -> None:
        year, month, day = self.told.rows["urgency"]["date"].split("-")
        await self._do(self.chat.say(f"{day}/{month}/{year}"))

    async def _on_questions_more(self, bubble: Bubble, text: str, asked: Asked) -> None:
        said = self.told.rows["questions"]["say"]
        await self._do(self.chat.say(said[min(int(asked.filled["count"]), len(said) - 1)]))

    async def _on_records(self, bubble: Bubble, text: str, asked: Asked) -> None:
        self.paper = reading.document(asked.filled["doc"], self.language)
        await self._upload(bubble)

    async def _on_retake(self, bubble: Bubble, text: str, asked: Asked) -> None:
        self.paper = reading.document(asked.filled["doc"], self.language)
        told = (asked.name, bubble.ref)
        if told not in self._told_again:
            self._told_again.add(told)
            self.tries[self.paper] = self.tries.get(self.paper, 0) + 1
        await self._upload(bubble)

    _told_again: set[tuple[str, str]] = field(default_factory=set)

    async def _upload(self, bubble: Bubble) -> None:
        uploads = self.told.uploads(self.paper)
        if not uploads:
            await self._do(self.chat.say(self._word("button.dont_have")))
            return
        chosen = uploads[min(self.tries.get(self.paper, 0), len(uploads) - 1)]
        await self._do(self.chat.send(*chosen))

    async def _on_records_more(self, bubble: Bubble, text: str, asked: Asked) -> None:
        await self._do(self.chat.tap(bubble, "0.records=done"))

    async def _on_records_complete(self, bubble: Bubble, text: str, asked: Asked) -> None:
        await self._do(self.chat.tap(bubble, "0.records=go_on"))

    async def _on_waiver(self, bubble: Bubble, text: str, asked: Asked) -> None:
        doc = reading.document(asked.filled["doc"], self.language)
        reason = self.told.waivers.get(doc, "not_done")
        await self._tap_row(bubble, f"0.records={reason}")

    async def _on_review(self, bubble: Bubble, text: str, asked: Asked) -> None:
        self.page = text
        await self._do(self.chat.tap(bubble, "0.review=send"))

    async def _on_home(self, bubble: Bubble, text: str, asked: Asked) -> None:
        await self._tap_row(bubble, "0.home=continue")

    async def _tap_row(self, bubble: Bubble, row: str) -> None:
        """Tap a row; where it is on a later page of the list, the row that leads there."""
        if bubble.has(row):
            await self._do(self.chat.tap(bubble, row))
            return
        more = [name for name, _ in bubble.buttons if name.startswith("!more:")]
        if not more:
            raise Stuck(f"no row {row} in {[name for name, _ in bubble.buttons]}")
        await self._do(self.chat.tap(bubble, more[0]))

    def _word(self, key: str) -> str:
        return reading.words(key, self.language)[0]

    async def sees(self, *parts: str, seconds: float = 30.0) -> Bubble:
        """Wait for a bubble that was not read yet and holds all of these words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = await self.chat.bubbles()
            for number, bubble in enumerate(found[self.seen :], self.seen + 1):
                if all(reading.plain(part) in reading.plain(bubble.text) for part in parts):
                    self.seen = number
                    return bubble
            await asyncio.sleep(LOOK_EVERY)
        texts = [one.text for one in (await self.chat.bubbles())[self.seen :]]
        raise Stuck(f"{parts} did not come, but {texts}")
