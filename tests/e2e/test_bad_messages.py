"""What nobody expects as an answer: the reason in the person's language, and the question again."""

import asyncio
import io
import re
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from tests.e2e import reading
from tests.e2e.backend import right
from tests.e2e.person import Person, Stuck
from tests.e2e.reading import Asked
from tests.e2e.rig import ARVIND, RAHUL, Rig, running
from tests.e2e.told import Told
from tests.fake_telegram import SECRET, Photo
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN
from tests.twilio_fake.webhooks import sign

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

LARGE = 100_000
OFTEN = 400
QUICK = 3.0
Act = Callable[[], Awaitable[Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig() -> AsyncIterator[Rig]:
    async with running() as made:
        yield made


async def test_on_telegram_in_english(rig: Rig) -> None:
    person = Person(rig.on_telegram(), Told("prostate", own_phone=False))
    await person.chat.say("/start")
    await all_of_it(person, OnTelegram(rig), rig)


async def test_on_whatsapp_in_hindi(rig: Rig) -> None:
    person = Person(rig.on_whatsapp(), Told("breast", own_phone=True))
    await person.chat.say("नमस्ते")
    await all_of_it(person, OnWhatsApp(rig), rig)


async def all_of_it(person: Person, does: "Does", rig: Rig) -> None:
    """A case in which much goes wrong on the way."""
    await before_permission(person, does)
    await at_the_name(person, does)
    await wrong_answers(person, does)
    await in_pieces(person, does)
    await all_is_kept(person, rig)


class OnTelegram:
    """What can be sent there, by the key of the answer."""

    longest = 4096
    wrong = {
        "age_or_birth": {"150": "again.age"},
        "place": {"location": "again.location"},
        "callback_phone": {"12 34": "again.phone", "contact": "again.contact"},
        "diagnosis_date": {"31/02/2026": "again.date"},
    }

    def __init__(self, rig: Rig) -> None:
        self.rig, self.number = rig, 990_000_000
        fake = rig.telegram
        self.kinds: dict[str, tuple[str, Act]] = {
            "sticker": ("again.sticker", lambda: fake.sticker(ARVIND)),
            "location": ("again.sticker", lambda: fake.location(ARVIND)),
            "contact": ("again.sticker", lambda: fake.contact(ARVIND, "+919000000009", 77)),
            "own contact": ("again.sticker", lambda: fake.contact(ARVIND, "+919000000002")),
            "voice": ("again.voice", lambda: fake.voice(ARVIND)),
            "video": ("again.video", lambda: fake._do("video", chat=ARVIND)),
            "audio": ("again.audio", lambda: fake._do("audio", chat=ARVIND)),
            "nothing": ("again.empty", lambda: self.posted(text="")),
            "dice": ("again.empty", lambda: self.posted(dice={"emoji": "🎲", "value": 1})),
            "old button": ("again.old_tap", lambda: self.tapped("0.sex=female")),
            "unknown button": ("again.old_tap", lambda: self.tapped("7.gone=1")),
            "unknown command": ("again.old_tap", lambda: self.tapped("!gone")),
            "no page": ("again.old_tap", lambda: self.tapped("!more:x")),
            "no page so far": ("again.old_tap", lambda: self.tapped(f"!more:{10**50}")),
        }

    async def say(self, text: str) -> None:
        """Type."""
        await self.rig.telegram.text(ARVIND, text)

    async def large(self) -> None:
        """Far more than the app would let through in one message."""
        await self.posted(text="word " * (LARGE // 5))

    async def zip(self) -> None:
        """An archive."""
        await self.rig.telegram.document(ARVIND, Photo(archive(), "papers.zip", "application/zip"))

    async def posted(self, **content: Any) -> None:
        """An update that the fake would not make."""
        self.number += 1
        person = {"id": ARVIND, "is_bot": False, "first_name": "Arvind"}
        chat = {"id": ARVIND, "type": "private"}
        last = (await self.rig.telegram.transcript(ARVIND))[-1]["message_id"]
        said = {"message_id": last, "date": 1_790_000_000, "chat": chat, "from": person}
        await self._post({"message": {**said, **content}})

    async def tapped(self, button: str) -> None:
        """A button of a message that the bot does not remember."""
        self.number += 1
        person = {"id": ARVIND, "is_bot": False, "first_name": "Arvind"}
        message = {"message_id": 1, "date": 0, "chat": {"id": ARVIND, "type": "private"}}
        tap = {"id": str(self.number), "from": person, "chat_instance": "1"}
        await self._post({"callback_query": {**tap, "message": message, "data": button}})

    async def _post(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with httpx.AsyncClient(headers=headers) as client:
            update = {"update_id": self.number, **update}
            answer = await client.post(f"{self.rig.saathi.url}/telegram", json=update)
            assert answer.status_code == 200


class OnWhatsApp:
    """What can be sent there, by the key of the answer."""

    longest = 1600
    wrong = {
        "age_or_birth": {"31/02/1966": "again.age"},
        "place": {"location": "again.location"},
        "callback_phone": {"12 34": "again.phone", "contact": "again.contact"},
        "diagnosis_date": {"31/02/2026": "again.date"},
    }

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.kinds: dict[str, tuple[str, Act]] = {
            "sticker": ("again.sticker", self._file("image/webp", MessageType="sticker")),
            "location": ("again.sticker", lambda: self._write(lat=24.79, lon=85.0)),
            "contact": ("again.sticker", self._file("text/vcard")),
            "contacts": ("again.sticker", self._file("text/vcard", MessageType="contacts")),
            "voice": ("again.voice", self._file("audio/ogg")),
            "video": ("again.video", self._file("video/mp4")),
            "nothing": ("again.empty", lambda: self._write("")),
            "blank": ("again.empty", lambda: self._write(" \n\u00a0")),
            "old button": ("again.old_tap", self._tap("0.sex=female")),
            "unknown button": ("again.old_tap", self._tap("7.gone=1")),
            "unknown command": ("again.old_tap", self._tap("!gone")),
            "unknown row": ("again.old_tap", self._tap("0.gone=1", "ListId", "ListTitle")),
        }

    async def say(self, text: str) -> None:
        """Type."""
        await self._write(text)

    async def large(self) -> None:
        """Far more than the app would let through in one message."""
        url = f"{self.rig.saathi.url}/whatsapp"
        form = {"MessageSid": "SM" + "f" * 32, "AccountSid": ACCOUNT, "NumMedia": "0"}
        body = "शब्द " * (LARGE // 13)
        form |= {"From": RAHUL, "To": SENDER, "WaId": RAHUL[10:], "Body": body}
        form["ExternalUserId"] = (await self.rig.twilio.look("webhooks"))[0]["fields"][
            "ExternalUserId"
        ]
        headers = {"X-Twilio-Signature": sign(TOKEN, url, form)}
        async with httpx.AsyncClient(headers=headers) as client:
            assert len(urlencode(form)) > LARGE
            assert (await client.post(url, data=form)).status_code == 200

    async def zip(self) -> None:
        """An archive."""
        await self._write(media=[("application/zip", archive())])

    async def _write(self, body: str = "", **more: Any) -> None:
        done = await self.rig.twilio.write(RAHUL, body, **more)
        assert done["status"] == 200

    def _file(self, mime: str, **extra: str) -> Act:
        return lambda: self._write(media=[(mime, b"fictional")], extra=extra)

    def _tap(self, button: str, name: str = "ButtonPayload", title: str = "ButtonText") -> Act:
        return lambda: self._write("Old words", extra={name: button, title: "Old words"})


Does = OnTelegram | OnWhatsApp


def archive() -> bytes:
    """A ZIP file."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("report.txt", "FICTIONAL")
    return kept.getvalue()


async def before_permission(person: Person, does: Does) -> None:
    """Who it is for is asked; nothing may be kept yet."""
    await comes_to(person, "writer_relation")
    for name, (key, act) in does.kinds.items():
        await answers(person, name, act, key)
    await answers(person, "zip", does.zip, "papers.held")
    await answers(person, "emoji", lambda: does.say("🙏"), "again.choice")


async def at_the_name(person: Person, does: Does) -> None:
    """A question for words; first comes the word about the file of before."""
    await comes_to(person, "patient_name")
    await comes(person, 0, "papers.again", "papers.why.wrong_type")
    for name, (key, act) in does.kinds.items():
        # After the consents a voice note is kept, for the agents' ears.
        await answers(person, name, act, "voice.kept" if name in ("voice", "audio") else key)
    await answers(person, "zip", does.zip, "papers.again", "papers.why.wrong_type")
    await answers(person, "emoji", lambda: does.say("🙏🙏"), "again.name")
    began = time.monotonic()
    await answers(person, "large", does.large, "again.long")
    assert time.monotonic() - began < QUICK


async def wrong_answers(person: Person, does: Does) -> None:
    """An age, a phone and a date that cannot be; a place and a card that are no words."""
    for step, wrong in does.wrong.items():
        await comes_to(person, step)
        for said, key in wrong.items():
            kind = does.kinds.get(said, ("", partial(does.say, said)))
            await answers(person, said, kind[1], key)


async def in_pieces(person: Person, does: Does) -> None:
    """A long story as the app cuts it: each piece is answered, the question stands."""
    await comes_to(person, "hospital")
    before = len(await person.chat.bubbles())
    for number in range(3):
        await does.say(f"{number} " + "word " * (does.longest // 5 - 1))
    await comes(person, before, "again.too_long")
    await asyncio.sleep(1)
    texts = [bubble.text for bubble in (await person.chat.bubbles())[before:]]
    assert 1 <= len(texts) <= 3
    for text in texts:
        assert reading.question(text, person.language) == Asked("hospital", {})


async def comes_to(person: Person, name: str) -> None:
    """Go on with the case until this is asked."""
    for _ in range(OFTEN):
        text, bubble, asked = await person._next()
        if asked.name == name:
            person.seen -= 1
            return
        await person._react(bubble, text, asked)
    raise Stuck(f"{name} is never asked")


async def answers(person: Person, name: str, act: Act, *keys: str) -> None:
    """Do it: one bubble comes, with these words and the question that stood before."""
    before = await person.chat.bubbles()
    asked = reading.question(before[-1].text, person.language)
    await act()
    texts = await comes(person, len(before), *keys)
    assert [reading.question(text, person.language) for text in texts] == [asked], (name, texts)


async def comes(person: Person, before: int, *keys: str) -> list[str]:
    """What came since then, once these words stand in it and no more is coming."""
    for _ in range(100):
        await asyncio.sleep(0.05)
        texts = [bubble.text for bubble in (await person.chat.bubbles())[before:]]
        if texts and all(says(person, "\n".join(texts), key) for key in keys if key):
            await asyncio.sleep(0.25)
            return [bubble.text for bubble in (await person.chat.bubbles())[before:]]
    raise AssertionError(f"{keys} did not come, but {texts}")


def says(person: Person, text: str, key: str) -> bool:
    """Whether these words of the catalog stand in a text; of a line with a gap, the longer part."""
    parts = [
        max(re.split(r"\{\w+\}", said), key=len) for said in reading.words(key, person.language)
    ]
    return any(reading.plain(part) in reading.plain(text) for part in parts)


async def all_is_kept(person: Person, rig: Rig) -> None:
    """The rest of the case; what arrives holds every answer, those before the bad ones too."""
    await person.rest()
    await person.sees(person._word("news.received").partition("{")[0])
    kept = rig.backend.case(str(person.told.rows["patient_name"]["value"]))
    await right(rig.backend, person.told, kept)
    assert " ERROR " not in rig.saathi.log
