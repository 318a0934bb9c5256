"""Events of the review backend, from the signed webhook or from polling, to the chats."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot import turns
from bot.app import App
from bot.channels import Refused
from bot.review.events import Event, File, parse, to_news, verify
from bot.review.signature import claimed
from flows.messages import CaseNews

ZONE = ZoneInfo("Asia/Kolkata")
MOST = 64 * 1024 * 1024
JSON = "application/json"


def expect(app: App, headers: Mapping[str, str]) -> None:
    """Raise Refused before a large body is read that cannot be signed rightly."""
    claimed(headers, app.review_secret, app.now())


async def take(app: App, headers: Mapping[str, str], body: bytes) -> None:
    """A webhook of the backend; raises Refused unless it is signed and well formed."""
    verify(headers, body, app.review_secret, app.now())
    kind = next((v for k, v in headers.items() if k.lower() == "content-type"), JSON)
    if kind.split(";")[0].strip().lower() not in (JSON, "application/fhir+json"):
        raise Refused("not JSON", 415)
    for event in parse(body):
        await pass_on(app, event)


async def poll(app: App, since: str) -> str:
    """Ask the backend what is new; returns the next cursor."""
    events, cursor = await app.review.events(since)
    for event in events:
        await pass_on(app, event)
    return cursor


async def pass_on(app: App, event: Event) -> None:
    """Hand one event to its conversation; the mailbox drops what came before."""
    found = await app.records.case_by_number(event.case)
    if not found:
        return
    conversation, case = found
    document = await _keep(app, case.id, event.file) if event.file else ""
    news = to_news(event, conversation.address, case.id, document)
    if news:
        await turns.receive(app, [_with_time(news)])


async def _keep(app: App, case: str, file: File) -> str:
    kept = await app.documents.keep(case, _bytes(app, file), MOST)
    return kept.document


async def _bytes(app: App, file: File) -> AsyncIterator[bytes]:
    if file.data:
        yield file.data
        return
    async for chunk in app.review.fetch(file.url):
        yield chunk


def _with_time(news: CaseNews) -> CaseNews:
    """A start time as people in India read it."""
    start = news.detail.get("start", "")
    if not start:
        return news
    try:
        at = datetime.fromisoformat(start).astimezone(ZONE)
    except ValueError:
        return news
    return replace(news, detail={**news.detail, "label": f"{at:%d/%m/%Y %H:%M}"})
