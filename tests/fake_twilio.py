"""Tests' way to the fake of Twilio: starts it once per test process, typed handles."""

import base64
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from bot.settings import WhatsApp

ACCOUNT = "AC" + "a1" * 16
TOKEN = "0123456789abcdef" * 2
SENDER = "whatsapp:+14155238886"
PUBLIC = "https://saathi.example"


class FakeTwilio:
    """Plays people and looks at what Twilio was asked."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client

    @property
    def settings(self) -> WhatsApp:
        """The settings of a channel that talks to this fake."""
        return WhatsApp.model_validate(
            {
                "account_sid": ACCOUNT,
                "auth_token": TOKEN,
                "sender": SENDER,
                "api_url": self.url,
            }
        )

    async def write(
        self, sender: str, body: str = "", media: list[tuple[str, bytes]] | None = None, **told: Any
    ) -> dict[str, Any]:
        """A person writes; returns the application's answer, the form and the sid.

        More: name, tap={"sid", "title"}, reply_to, lat, lon, extra, times, path, ago (seconds);
        with times=0 no webhook comes.
        """
        files = [{"mime": mime, "b64": base64.b64encode(b).decode()} for mime, b in media or []]
        return await self._post("write", {"from": sender, "body": body, "media": files, **told})

    async def fault(self, where: str, **fault: Any) -> None:
        """Break messages, content, media, cdn, delete, list or delivery.

        With status, code, times, html; `delay` alone accepts a message and answers late.
        """
        await self._post("fault", {"where": where, **fault})

    async def person(self, to: str, what: str) -> None:
        """A person's window: open, close; or unreachable, opt_out."""
        await self._post("person", {"to": to, "what": what})

    async def approve(self, body: str, variables: dict[str, str]) -> str:
        """An approved text template; returns its sid."""
        made = await self._post("content", {"body": body, "variables": variables})
        return str(made["sid"])

    async def lose_contents(self) -> None:
        """All content resources are gone."""
        await self._post("content", {"lost": True})

    async def look(self, what: str) -> list[Any]:
        """All messages, contents, calls, webhooks or files."""
        return list((await self._client.get("/sim/look")).raise_for_status().json()[what])

    async def _post(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        got = await self._client.post(f"/sim/{path}", json=told)
        return dict(got.raise_for_status().json())


@cache
def _server() -> tuple[str, "subprocess.Popen[str]"]:
    # It ends when our side of its input closes, so also when we are killed.
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.twilio_fake", ACCOUNT, TOKEN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert child.stdout
    return f"http://127.0.0.1:{int(child.stdout.readline())}", child


@asynccontextmanager
async def fake_twilio(**settings: Any) -> AsyncIterator[FakeTwilio]:
    """A fake with nothing in it. Settings: app_url, public_url, shuffle, times."""
    url, _ = _server()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        fake = FakeTwilio(url, client)
        await fake._post("reset", {"public_url": PUBLIC, **settings})
        yield fake
