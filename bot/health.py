"""Whether this process can do its work: Redis and PostgreSQL answer."""

from bot.app import App


async def ready(app: App) -> dict[str, bool]:
    """Each part by name, True when it answers."""
    return {
        "redis": await _answers(app.redis.ping()),
        "database": await _answers(app.records.ping()),
    }


async def _answers(question: object) -> bool:
    try:
        await question  # type: ignore[misc]
    except Exception:
        return False
    return True
