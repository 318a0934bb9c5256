"""A talk with the pure dialogue: no servers, no clock; what golden dialogues are played on."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.channels import Limits, Reply
from bot.render import render
from bot.understand import meaning_of
from bot.wording import Wording
from flows.conversation import Conversation
from flows.effects import Effect, SaveDocument, Say, SubmitCase, Wake
from flows.engine import decide
from flows.messages import Address, Attachment, CaseSent, DocumentKept, Due, Message, Update
from flows.say import latest
from nlu.meaning import Meaning, Unclear

ASHA = Address("whatsapp", "IN.fictional1", "whatsapp:+919000000001")
PHONE = "+919000000001"
START = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
WHATSAPP = Limits(1600, 3, 10, 20, 24, 72, 1024)
TELEGRAM = Limits(4096, 100, 100, 64, 64, 0, 4096, utf16=True)
ALWAYS = {
    "service": "Saathi",
    "fee": "₹ 3,000",
    "grievance": "grievance@saathi.example",
    "minutes": "30",
}


async def no_intent(_: str, __: float) -> str | None:
    """A Rasa that is never sure."""
    return None


@dataclass
class Talk:
    """One fictional person's talk, and all that came of it."""

    conversation: Conversation = field(default_factory=lambda: Conversation("c1", ASHA, "5eed" * 8))
    now: datetime = START
    limits: Limits = WHATSAPP
    wording: Wording = field(default_factory=lambda: Wording(ALWAYS))
    effects: list[Effect] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    count: int = 0
    # Of the next files looked at: a verdict, or what differs from a good page.
    verdicts: list[str | dict[str, Any]] = field(default_factory=list)
    waking: list[tuple[datetime, Due]] = field(default_factory=list)
    pause: timedelta = timedelta(seconds=20)

    def say(self, text: str, **more: object) -> list[Reply]:
        """Type something; the bot's bubbles."""
        return self.update(self._message(text=text, **more))

    def tap(self, title: str) -> list[Reply]:
        """Tap a button or row of the newest bubble that has it, by its words."""
        for reply in reversed(self.replies):
            for button in reply.buttons:
                if button.title == title:
                    return self.update(self._message(text=title, choice=button.id))
        raise AssertionError(f"no button {title!r}; the last bubble has {self.titles}")

    def find(self, title: str) -> list[Reply]:
        """Tap a row, turning the pages of a long list until it is there."""
        for _ in range(5):
            if title in self.titles:
                return self.tap(title)
            self.tap(self.titles[-1])
        raise AssertionError(f"no row {title!r}")

    def send(self, *names: str, mime: str = "image/jpeg", text: str = "") -> list[Reply]:
        """Send files, each kept and looked at."""
        kind = "photo" if mime.startswith("image/") else "document"
        out = []
        for name in names:
            attachment = Attachment(name, mime, name, 1000)
            out += self.update(self._message(text=text, kind=kind, attachments=(attachment,)))
        return out

    def update(self, update: Update) -> list[Reply]:
        """Hand in any update; its bubbles, and those of what it sets off."""
        meaning: Meaning = Unclear()
        if isinstance(update, Message):
            meaning = asyncio.run(
                meaning_of(self.wording, no_intent, self.conversation, update, self.now.date())
            )
        self.conversation, effects = decide(self.conversation, update, meaning, self.now)
        if isinstance(update, Message):
            self.now += self.pause
        effects = latest(effects)
        self.effects += effects
        shown = [
            render(self.wording, effect, self.limits)
            for effect in effects
            if isinstance(effect, Say)
        ]
        self.replies += shown
        for effect in effects:
            shown += self._follow(effect)
        return shown

    def _follow(self, effect: Effect) -> list[Reply]:
        if isinstance(effect, Wake):
            self.waking.append(
                (effect.at, Due(f"due:{len(self.waking)}", ASHA, effect.what, effect.ref))
            )
        if isinstance(effect, SubmitCase):
            return self.update(CaseSent(f"sent:{effect.case}", ASHA, effect.case))
        if not isinstance(effect, SaveDocument):
            return []
        return self.update(self._looked_at(effect))

    def _looked_at(self, order: SaveDocument) -> DocumentKept:
        found = self.verdicts.pop(0) if self.verdicts else "ok"
        if isinstance(found, str):
            found = {"verdict": found, "reason": "blurred" if found == "retake" else ""}
        kept = DocumentKept(
            f"kept:{order.upload}", ASHA, order.case, order.slot, order.upload,
            document=(order.attachment.ref.encode().hex() * 64)[:64],
            mime=order.attachment.mime, size=1000, place=order.place, burst=order.burst,
            quote=order.quote,
        )  # fmt: skip
        return replace(kept, **found)

    def wait(self, seconds: int) -> list[Reply]:
        """Nobody writes for a while; what was to come back by itself does."""
        until, shown = self.now + timedelta(seconds=seconds), list[Reply]()
        for at, due in sorted(self.waking, key=lambda each: each[0]):
            if at <= until:
                self.waking.remove((at, due))
                self.now = max(self.now, at)
                shown += self.update(due)
        self.now = until
        return shown

    def _message(self, **more: object) -> Message:
        self.count += 1
        return Message(f"SM{self.count}", ASHA, phone=PHONE, order=self.count, **more)  # type: ignore[arg-type]

    @property
    def titles(self) -> list[str]:
        """The buttons and rows of the newest bubble."""
        return [button.title for button in self.replies[-1].buttons] if self.replies else []
