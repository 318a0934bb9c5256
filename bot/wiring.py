"""Every part of a process made and joined by hand; what runs can be read here."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from bot import page_reading, turns
from bot.antivirus import Antivirus
from bot.app import App
from bot.bedrock import Bedrock, runtime
from bot.channels import Channel
from bot.channels.phone import Phone
from bot.channels.telegram import Telegram, open_telegram
from bot.channels.whatsapp import open_whatsapp
from bot.clock import now
from bot.desk.desk import Desk
from bot.hearing import Ears, open_ears
from bot.intake import Intake
from bot.jobs import Jobs, Work
from bot.rasa import Rasa
from bot.review import submission
from bot.review.client import ReviewClient
from bot.secret_files import secret
from bot.settings import Antivirus as AntivirusSettings
from bot.settings import Bedrock as BedrockSettings
from bot.settings import Settings
from bot.settings import Voice as VoiceSettings
from bot.sources import Sources, joined
from bot.speaking import open_mouth
from bot.understand import Stronger, meaning_of
from bot.uploads.links import Links
from bot.uploads.uploads import Uploads
from bot.wake import wake
from bot.wording import Wording
from bot.workshop.shop import Shop
from flows.conversation import Conversation
from flows.messages import Message, Update
from nlu.meaning import Meaning
from storage import cipher
from storage.budget import Budget
from storage.documents import Documents, open_documents
from storage.keyring import Keyring
from storage.migrate import migrate
from storage.partials import Partials
from storage.recorder import Recorder
from storage.records import Templates
from storage.spool import Spool

Understand = Callable[[Conversation, Message], Awaitable[Meaning]]


@dataclass(frozen=True)
class Places:
    """Where the outside parts are, once embedded ones have been started."""

    redis: str
    database: str
    rasa: str = ""
    rasa_token: str = ""
    review: str = ""


@dataclass
class Opened:
    """An App, and the parts of it that the web process and the loops must know."""

    app: App
    intake: Intake
    uploads: Uploads
    phone: Phone | None
    telegram: Telegram | None
    review_token: str


@asynccontextmanager
async def opened(
    settings: Settings, places: Places, *, works: bool = True
) -> AsyncIterator[Opened]:
    """All parts, opened in order and closed in reverse."""
    async with AsyncExitStack() as stack:
        await migrate(places.database)
        made = await _make(settings, places, stack, works=works)
        yield made


async def _make(
    settings: Settings, places: Places, stack: AsyncExitStack, *, works: bool
) -> Opened:
    sources = joined(settings, places.redis, places.database, stack)
    review_token = secret(_folder(settings), "review_token", settings.review.token)
    http = await stack.enter_async_context(aiohttp.ClientSession())
    review = ReviewClient(settings.review.url or places.review, review_token, http)
    wording = _wording(settings)
    understand = _understand(wording, settings, places, sources.redis, stack)
    jobs = Jobs(places.database, lambda: _jobs(app))
    await jobs.open()
    stack.push_async_callback(jobs.close)
    app = _app(settings, sources, review, jobs, wording, understand, works=works)
    app.quick, app.slow = _shop(stack, Shop()), _shop(stack, Shop(1, 300.0, 4096, nice=19))
    app.bindery = _shop(stack, Shop(1, 300.0, 4096, nice=5))
    phone = await _channels(app, sources.master, stack)
    telegram = app.channels.get("telegram")
    spool = Spool(settings.data_dir / "spool", cipher.derive(sources.master, "spool"))
    return Opened(
        app,
        Intake(app, spool),
        _uploads(app, sources.master),
        phone,
        telegram if isinstance(telegram, Telegram) else None,
        review_token,
    )


def _uploads(app: App, master: bytes) -> Uploads:
    key = cipher.derive(master, "upload tickets")
    return Uploads(app, Partials(app.settings.data_dir / "uploads", key, app.keyring))


def _shop(stack: AsyncExitStack, shop: Shop) -> Shop:
    stack.push_async_callback(shop.close)
    return shop


def _app(
    settings: Settings,
    sources: Sources,
    review: ReviewClient,
    jobs: Jobs,
    wording: Wording,
    understand: Understand,
    *,
    works: bool,
) -> App:
    engine, keyring, records = sources.engine, sources.keyring, sources.records
    mailbox, documents = sources.mailbox, _documents(settings, keyring)
    public_url = settings.public_url or f"http://{settings.web.host}:{settings.web.port}"
    public_url = public_url.rstrip("/")
    link_key = cipher.derive(sources.master, "upload links")
    return App(
        settings=settings,
        public_url=public_url,
        channels={},
        mailbox=mailbox,
        engine=engine,
        redis=sources.redis,
        keyring=keyring,
        records=records,
        recorder=Recorder(mailbox, engine, keyring, now),
        documents=documents,
        review=review,
        review_secret=secret(_folder(settings), "review_webhook", settings.review.webhook_secret),
        jobs=jobs,
        desk=Desk(engine, records, mailbox, documents, wording, now),
        wording=wording,
        understand=understand,
        now=now,
        senders=sources.senders,
        links=Links(public_url, link_key, settings.uploads.link_hours),
        ears=_ears(settings.voice),
        mouth=open_mouth(settings.voice.region) if settings.voice.aloud else None,
        antivirus=_antivirus(settings.antivirus),
        works=works,
    )


def _documents(settings: Settings, keyring: Keyring) -> Documents:
    place, folder = settings.documents, settings.data_dir / "documents"
    return open_documents(place.url, place.endpoint_url, place.region, keyring, folder)


def _ears(settings: VoiceSettings) -> Ears | None:
    return open_ears(settings.bucket, settings.region) if settings.bucket else None


def _antivirus(settings: AntivirusSettings) -> Antivirus | None:
    return Antivirus(settings.url, settings.stream_mb * 1024**2) if settings.url else None


def _understand(
    wording: Wording, settings: Settings, places: Places, redis: Redis, stack: AsyncExitStack
) -> Understand:
    rasa = Rasa(places.rasa, places.rasa_token, settings.rasa.timeout_seconds)
    stack.push_async_callback(rasa.close)
    last = _stronger(settings.bedrock, redis)

    async def understand(conversation: Conversation, message: Message) -> Meaning:
        today = now().date()
        return await meaning_of(wording, rasa.intent, conversation, message, today, last)

    return understand


def _stronger(settings: BedrockSettings, redis: Redis) -> Stronger | None:
    if not settings.model:
        return None
    client = runtime(settings.region, timeout_seconds=settings.timeout_seconds)
    budget = Budget(redis, settings.calls_per_day)
    return Bedrock(client, settings.model, settings.timeout_seconds, budget.spend).read


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "secrets"


def _wording(settings: Settings) -> Wording:
    service = settings.service
    return Wording(
        {
            "service": service.name,
            "fee": service.fee,
            "grievance": service.grievance,
            "minutes": str(settings.desk.promise_minutes),
        }
    )


def _jobs(app: App) -> dict[str, Work]:
    async def submit(case: str) -> None:
        await submission.submit(app, case)

    async def tell(case: str, what: str, detail: dict[str, str]) -> None:
        await submission.tell(app, case, what, detail)

    async def bind(case: str) -> None:
        await submission.bind(app, case)

    async def woken(conversation: str, what: str, ref: str, name: str) -> None:
        await wake(app, conversation, what, ref, name)

    async def erase(conversation: str, request: str, by: str, cases: Sequence[str] = ()) -> None:
        await app.erase(conversation, request, datetime.fromisoformat(by), cases)

    async def read(case: str, document: str) -> None:
        await page_reading.read(app, case, document)

    towards: dict[str, Work] = {"submit": submit, "tell": tell, "bind": bind}
    return towards | {"read": read, "wake": woken, "erase": erase}


async def _channels(app: App, master: bytes, stack: AsyncExitStack) -> Phone | None:
    """Each channel with its own client; a channel knows no other."""
    settings, channels = app.settings.channels, app.channels
    if settings.telegram.token.get_secret_value():
        channels["telegram"] = await _telegram(app, stack)
    if settings.whatsapp.account_sid:
        whatsapp = open_whatsapp(settings.whatsapp, app.public_url, Templates(app.engine))
        await whatsapp.start()
        stack.push_async_callback(whatsapp.stop)
        channels["whatsapp"] = whatsapp
    if not settings.phone.enabled:
        return None
    phone = _phone(app, cipher.derive(master, "phone page"), app.settings.data_dir / "phone")
    channels["phone"] = phone
    stack.callback(phone.close)
    return phone


async def _telegram(app: App, stack: AsyncExitStack) -> Channel:
    settings = app.settings.channels.telegram
    word = secret(_folder(app.settings), "telegram", settings.secret)
    telegram = open_telegram(settings.model_copy(update={"secret": type(settings.secret)(word)}))
    stack.push_async_callback(telegram.stop)
    return telegram


def _phone(app: App, key: bytes, folder: Path) -> Phone:
    async def receive(updates: list[Update]) -> None:
        await turns.receive(app, updates)

    return Phone(
        folder,
        receive,
        lambda plain: cipher.seal(key, plain),
        lambda sealed: cipher.open(key, sealed),
        now,
    )
