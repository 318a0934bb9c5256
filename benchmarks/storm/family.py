"""A family with a case to tell: reads, thinks, answers; writes again when nobody answers."""

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmarks.storm.post import Post
from benchmarks.storm.telegram import Bubble, Telegram

SCRIPT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "family.yml").read_text(encoding="utf-8")
)
QUESTIONS: list[dict[str, Any]] = SCRIPT["questions"]
DONE = re.compile(SCRIPT["done"])
SYLLABLES = ("ka", "ma", "ta", "ra", "na", "sa", "la", "va", "pa", "da")
# A question that comes a second time may have been sent twice: its successor is on the way.
SETTLE, PATIENCE = 5.0, 90.0
TRIES = 4


def word(number: int) -> str:
    """A name for a number, of letters alone."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:04}").title()


@dataclass
class World:
    """What all families share. `think`: mean seconds until a person answers."""

    telegram: Telegram
    post: Post
    think: float
    swaps: float
    counts: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)


@dataclass
class Family:
    """One chat. `said` is what the case must hold, by the fields of the record."""

    world: World
    number: int
    done: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    seen: list[Bubble] = field(default_factory=list)
    read: int = 0
    written: float = 0.0
    last: tuple[str, str] = ("", "")
    pair: tuple[str, ...] = ()
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def chat(self) -> int:
        """Telegram's number of the chat."""
        return 1_000_000_000 + self.number

    def see(self, bubble: Bubble) -> None:
        """A message of the bot arrives."""
        if self.written and len(self.seen) == self.read:
            self.world.waits.append(bubble.at - self.written)
            self.written = 0.0
        if SCRIPT["late"] in bubble.text:
            # More than fifteen seconds late: not used, and told so.
            self.world.counts["told too late"] += 1
            self.said = {name: it for name, it in self.said.items() if name not in self.pair}
        self.seen.append(bubble)
        self.news.set()

    async def live(self) -> None:
        """From the first word until the case is on its way."""
        await self._write(SCRIPT["start"])
        while not self.done:
            asked, bubble = await self._asked()
            if self.done or not asked:
                continue
            await asyncio.sleep(random.uniform(0.5, 1.5) * self.world.think)
            await self._answer(asked, bubble)

    async def _asked(self) -> tuple[dict[str, Any] | None, Bubble]:
        """The question that stands, once it is surely a new one."""
        for _ in range(TRIES):
            if await self._news(PATIENCE):
                break
            self.world.counts["unanswered"] += 1
            await self._write("hello")
        bubble = self._newest()
        self.done = self.done or any(DONE.search(each.text) for each in self.seen)
        while not self.done and (bubble.text, str(bubble.buttons)) == self.last:
            if not await self._news(SETTLE):
                break
            bubble = self._newest()
        return _question(bubble.text), bubble

    async def _news(self, seconds: float) -> bool:
        if len(self.seen) > self.read:
            return True
        self.news.clear()
        try:
            await asyncio.wait_for(self.news.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _newest(self) -> Bubble:
        self.read = len(self.seen)
        self.done = self.done or any(DONE.search(each.text) for each in self.seen)
        return self.seen[-1]

    async def _answer(self, asked: dict[str, Any], bubble: Bubble) -> None:
        # More may have come while they thought.
        if len(self.seen) > self.read:
            return
        self.last = bubble.text, str(bubble.buttons)
        self.said.update(self._value(asked))
        if "press" in asked:
            await self._press(bubble, asked["press"])
        elif "photos" in asked and asked["photos"] not in self.said:
            self.said[asked["photos"]] = 2
            await self._album(2)
        elif "photos" in asked:
            await self._press(bubble, asked["else"])
        else:
            await self._type(asked)

    def _value(self, asked: dict[str, Any]) -> dict[str, Any]:
        return (
            {asked["field"]: self._told(asked.get("value", asked.get("say")))}
            if ("field" in asked)
            else {}
        )

    def _told(self, what: Any) -> Any:
        text = what[self.number % len(what)] if isinstance(what, list) else what
        if not isinstance(text, str):
            return text
        return text.format(n=self.number, word=word(self.number))

    async def _type(self, asked: dict[str, Any]) -> None:
        text = self._told(asked["say"])
        following = QUESTIONS[QUESTIONS.index(asked) + 1]
        if "say" in following and random.random() < self.world.swaps:
            await self._both(text, following)
        else:
            await self._write(text)

    async def _both(self, text: str, following: dict[str, Any]) -> None:
        """Two answers at once, and the later one overtakes."""
        self.world.counts["overtaken"] += 1
        now = self._value(QUESTIONS[QUESTIONS.index(following) - 1])
        self.pair = (*now, *self._value(following))
        self.said.update(self._value(following))
        first, second = self._message(text), self._message(self._told(following["say"]))
        self.written = time.monotonic()
        later = asyncio.create_task(self.world.post.deliver(self.chat, second))
        await asyncio.sleep(0.005)
        await asyncio.gather(later, self.world.post.deliver(self.chat, first))

    async def _album(self, pages: int) -> None:
        sizes = {"width": 1200, "height": 1600, "file_size": 100_000}
        name = f"F{self.number}"
        for page in range(pages):
            file = {"file_id": f"{name}p{page}", "file_unique_id": f"{name}u{page}", **sizes}
            await self._deliver(self._message(None, photo=[file], media_group_id=name))

    async def _write(self, text: str) -> None:
        await self._deliver(self._message(text))

    async def _press(self, bubble: Bubble, title: str) -> None:
        found = [data for shown, data in bubble.buttons if re.search(title, shown)]
        if not found:
            self.world.counts["no button"] += 1
            await self._write("hello")
            return
        key = {"text": "x", "callback_data": found[0]}
        message = {
            "message_id": bubble.id,
            "date": int(time.time()),
            "chat": self._chat,
            "from": {"id": 42, "is_bot": True, "first_name": "Storm"},
            "text": bubble.text,
            "reply_markup": {"inline_keyboard": [[key]]},
        }
        number = next(self.world.telegram.ids)
        tap = {"id": str(number), "from": self._user, "chat_instance": "1", "data": found[0]}
        await self._deliver({"update_id": number, "callback_query": {**tap, "message": message}})

    async def _deliver(self, update: dict[str, Any]) -> None:
        self.written = time.monotonic()
        await self.world.post.deliver(self.chat, update)

    def _message(self, text: str | None, **more: Any) -> dict[str, Any]:
        number = next(self.world.telegram.ids)
        said = {"message_id": number, "from": self._user, "chat": self._chat, **more}
        if text:
            said["text"] = text
        return {"update_id": number, "message": {**said, "date": int(time.time())}}

    @property
    def _user(self) -> dict[str, Any]:
        return {"id": self.chat, "is_bot": False, "first_name": "P", "language_code": "en"}

    @property
    def _chat(self) -> dict[str, Any]:
        return {"id": self.chat, "type": "private", "first_name": "P"}


def _question(text: str) -> dict[str, Any] | None:
    found = [each for each in QUESTIONS if re.search(each["expect"], text, re.M)]
    return found[-1] if found else None
