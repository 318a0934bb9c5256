"""Saathi as it runs in production: two web processes, two workers, and what they stand on."""

import asyncio
import base64
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.storm.telegram import SECRET, TOKEN
from bot.embedded import postgres, valkey
from bot.settings import Settings, load
from bot.wiring import Places
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
REVIEW_TOKEN, REVIEW_SECRET = "a token for storms", "a secret for storms"
STARTS = 60.0


@dataclass
class Process:
    """One of the processes; `port` only where it listens."""

    kind: str
    port: int = 0
    running: "subprocess.Popen[bytes] | None" = None


@dataclass
class Saathi:
    """All of them, in one folder."""

    folder: Path
    telegram: str
    review: str
    processes: list[Process] = field(default_factory=list)
    kills: int = 0
    restarts: int = 0

    def __post_init__(self) -> None:
        self.master = base64.b64encode(secrets.token_bytes(32)).decode()
        kinds = ("web", "web", "work", "work")
        self.processes = [Process(kind, free_port() if kind == "web" else 0) for kind in kinds]

    @property
    def urls(self) -> list[str]:
        """The addresses of the web processes."""
        return [f"http://127.0.0.1:{one.port}" for one in self.processes if one.port]

    async def start(self) -> None:
        """Start everything and wait until both web processes are ready."""
        self.folder.chmod(0o755)  # PostgreSQL's user must reach its own folder inside
        self.redis = await asyncio.to_thread(valkey.start, self.folder / "valkey")
        self.database = await asyncio.to_thread(postgres.start, self.folder / "postgres")
        for process in self.processes:
            self._launch(process)
        await asyncio.wait_for(asyncio.gather(*map(_ready, self.urls)), STARTS)

    @property
    def settings(self) -> Settings:
        """The settings of all processes, for our own look at what they keep."""
        os.environ.update(self._settings(Process("web", 1)))
        return load(None)

    @property
    def places(self) -> Places:
        """Where the servers are."""
        return Places(self.redis.url, self.database.url, review=self.review)

    def kill(self, process: Process) -> None:
        """`kill -9`, and a new start at once, as a supervisor does it."""
        if process.running:
            process.running.send_signal(signal.SIGKILL)
            process.running.wait()
            self.kills += 1
        self._launch(process)

    async def restart_redis(self) -> None:
        """`kill -9` for Redis; it comes back with its append-only file."""
        self.redis.child.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.redis.child.process.wait)
        await asyncio.to_thread(self.redis.stop)
        self.redis = await asyncio.to_thread(valkey.start, self.folder / "valkey")
        self.restarts += 1

    def stop(self) -> None:
        """End all of it."""
        for process in self.processes:
            if process.running:
                process.running.kill()
                process.running.wait()
        self.redis.stop()
        self.database.stop()

    def _launch(self, process: Process) -> None:
        with (self.folder / "saathi.log").open("ab") as log:
            process.running = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.storm.child", process.kind],
                cwd=ROOT,
                env={**os.environ, **self._settings(process)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _settings(self, process: Process) -> dict[str, str]:
        settings = {
            "DATA_DIR": str(self.folder / "data"),
            "WEB__PORT": str(process.port),
            "PUBLIC_URL": self.urls[0],
            "REDIS__URL": self.redis.url,
            "DATABASE__URL": self.database.url,
            "RASA__ENABLED": "false",
            "KEYS__MASTER": self.master,
            "REVIEW__URL": self.review,
            "REVIEW__TOKEN": REVIEW_TOKEN,
            "REVIEW__WEBHOOK_SECRET": REVIEW_SECRET,
            "CHANNELS__PHONE__ENABLED": "false",
            "CHANNELS__TELEGRAM__TOKEN": TOKEN,
            "CHANNELS__TELEGRAM__SECRET": SECRET,
            "CHANNELS__TELEGRAM__API_URL": self.telegram,
            "CHANNELS__TELEGRAM__MODE": "webhook",
        }
        return {f"SAATHI_{name}": value for name, value in settings.items()}


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(url + "/health/ready") as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.1)
