"""/metrics: how much waits and for how long, also while a part is away."""

from pathlib import Path
from typing import Any

import pytest

from bot import metrics
from bot.settings import Settings, load
from bot.wiring import Places, opened
from flows.messages import Address, Message

ASHA = Address("whatsapp", "in.asha", "+919800000001")  # fictional

pytestmark = pytest.mark.slow


def settings(folder: Path) -> Settings:
    parts: dict[str, Any] = {"data_dir": folder, "channels": {"phone": {"enabled": False}}}
    return load(None).model_copy(update=Settings(**parts).__dict__)


async def test_a_waiting_update_is_counted_and_aged(
    tmp_path: Path, valkey_url: str, migrated_url: str
) -> None:
    places = Places(valkey_url, migrated_url)
    async with opened(settings(tmp_path), places, works=False) as made:
        app = made.app
        await app.mailbox.put([Message("SM1", ASHA, "a private word")])
        at = app.now()
        text = (await metrics.shown(app)).decode()
        assert 'saathi_queue_length{queue="turns"} 1.0' in text
        assert 'saathi_up{part="database"} 1.0' in text
        assert "saathi_dead_letters 0.0" in text
        client: Any = app.redis
        await client.zadd("{s0}:ready", {b"other": at.timestamp() * 1000 - 60_000})
        aged = (await metrics.shown(app)).decode()
        [line] = [
            x for x in aged.splitlines() if x.startswith('saathi_queue_age_seconds{queue="tu')
        ]
        assert 60 <= float(line.split()[1]) < 120
        assert "private" not in text
        assert "asha" not in text


async def test_a_redis_that_is_away_is_said(tmp_path: Path, migrated_url: str) -> None:
    places = Places("redis://127.0.0.1:1", migrated_url)
    async with opened(settings(tmp_path), places, works=False) as made:
        text = (await metrics.shown(made.app)).decode()
        assert 'saathi_up{part="redis"} 0.0' in text
        assert 'saathi_up{part="database"} 1.0' in text
