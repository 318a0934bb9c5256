"""A whole Saathi in a process of its own, which can be stopped, killed and started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp

SAATHI = Path(sys.executable).with_name("saathi")
PATIENCE = 60


class Site:
    """`saathi run` on a free port and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and wait until it answers."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [SAATHI, "run"], env=self._environment(), stdout=log, stderr=log
        )
        for _ in range(PATIENCE * 5):
            if await self._answers():
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"Saathi did not start:\n{self.log()[-3000:]}")

    async def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop or kill it, and wait for its end."""
        if self.process:
            self.process.send_signal(how)
            await asyncio.to_thread(self.process.wait, 30)
            self.process = None

    def command(self, *words: str) -> str:
        """What another command prints, run beside the process."""
        done = subprocess.run(
            [SAATHI, *words],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def log(self) -> str:
        """Everything that the process wrote."""
        return (self.folder / "log").read_text("utf-8")

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "SAATHI_DATA_DIR": str(self.folder / "data"),
            "SAATHI_WEB__PORT": str(self.port),
            "SAATHI_RASA__ENABLED": "false",
        }

    async def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"Saathi ended:\n{self.log()[-3000:]}"
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.url}/health/live") as it:
                return it.status == 200
        except aiohttp.ClientError:
            return False


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
