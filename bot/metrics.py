"""`/metrics` for Prometheus: how much waits, for how long; no name, number or word of anybody."""

from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from bot.app import App
from storage.queues import queues
from storage.record_dead import DeadLetters


async def shown(app: App) -> bytes:
    """The figures of this moment; what cannot be asked now is left out, and `up` says so."""
    registry = CollectorRegistry()
    up = Gauge("saathi_up", "1 where it answers", ["part"], registry=registry)
    await _queues(app, registry, up)
    await _given_up(app, registry, up)
    return generate_latest(registry)


async def _queues(app: App, registry: CollectorRegistry, up: Gauge) -> None:
    length = Gauge("saathi_queue_length", "Due and not taken", ["queue"], registry=registry)
    age = Gauge("saathi_queue_age_seconds", "Overdue, the oldest", ["queue"], registry=registry)
    shards, now = app.settings.redis.shards, int(app.now().timestamp() * 1000)
    try:
        for name, queue in (await queues(app.redis, shards, now)).items():
            length.labels(name).set(queue.length)
            age.labels(name).set(queue.age)
    except RedisError:
        up.labels("redis").set(0)
        return
    up.labels("redis").set(1)


async def _given_up(app: App, registry: CollectorRegistry, up: Gauge) -> None:
    dead = Gauge("saathi_dead_letters", "Given up, not settled", registry=registry)
    jobs = Gauge("saathi_failed_jobs", "Failed for good", registry=registry)
    letters = DeadLetters(app.engine)
    try:
        dead.set(len(await letters.list(1000)))
        jobs.set(len(await letters.failed_jobs(1000)))
    except (SQLAlchemyError, OSError):
        up.labels("database").set(0)
        return
    up.labels("database").set(1)


def page(app: App) -> Any:
    """The page that a Prometheus reads."""

    async def metrics(request: Request) -> Response:
        return Response(await shown(app), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return metrics
