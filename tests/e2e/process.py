"""A real `saathi run` in a folder of its own: started, stopped, killed, started again."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
PLAIN = (str(ROOT / ".venv/bin/saathi"), "run")
HURRIED = (sys.executable, "-m", "tests.e2e.hurried", "run")
MAY_LAST = 40.0


@dataclass
class Saathi:
    """One installation and the process that serves it. `ready_at` is by the monotonic clock."""

    more: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = HURRIED
    port: int = field(default_factory=free_port)
    ready_at: float = 0.0
    kills: int = 0
    ours: dict[int, float] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="saathi-e2e-"))
        self.folder.chmod(0o755)  # PostgreSQL's user must reach its own folder inside

    @property
    def url(self) -> str:
        """Its address, also the public one."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Its data_dir."""
        return self.folder / "data"

    @property
    def log(self) -> str:
        """All that it wrote, over every start."""
        return (self.folder / "saathi.log").read_text(encoding="utf-8", errors="replace")

    def environment(self) -> dict[str, str]:
        """Its settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SAATHI_")}
        ours = {
            "SAATHI_DATA_DIR": str(self.data),
            "SAATHI_WEB__PORT": str(self.port),
            "SAATHI_PUBLIC_URL": self.url,
            "SAATHI_RASA__ENABLED": "false",
            # Of PDFs the text is read all the same.
            "SAATHI_READING__ENGINE": "off",
        }
        return {**kept, **ours, **self.more}

    async def start(self) -> None:
        """Start it and wait until it is ready; RuntimeError with its last words otherwise."""
        with (self.folder / "saathi.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + MAY_LAST
        async with httpx.AsyncClient(timeout=2) as client:
            while not await self._ready(client):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("saathi did not start:\n" + self.log[-3000:])
                await asyncio.sleep(0.05)
        self.ready_at = time.monotonic()
        self._note_family()

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(self.url + "/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    def children(self) -> list[psutil.Process]:
        """Everything that it started and that runs."""
        assert self.process
        return psutil.Process(self.process.pid).children(recursive=True)

    def _note_family(self) -> None:
        for one in self.children():
            self.ours[one.pid] = one.create_time()

    def left(self) -> list[str]:
        """The names of its children that still run, over every start."""
        return [found.name() for pid, born in self.ours.items() if (found := _alive(pid, born))]

    async def gone(self, seconds: float = 15.0) -> list[str]:
        """Wait until no child is left; the names of those that stay."""
        end = time.monotonic() + seconds
        while self.left() and time.monotonic() < end:
            await asyncio.sleep(0.05)
        return self.left()

    async def kill9(self) -> None:
        """The end without a warning."""
        assert self.process
        self._note_family()
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)
        self.kills += 1

    async def stop(self, seconds: float = 10.0) -> int:
        """Ask it to end; its exit status. TimeoutExpired when it does not by itself."""
        assert self.process
        self._note_family()
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, seconds)

    async def restart(self) -> None:
        """Kill it and start it again."""
        await self.kill9()
        await self.start()

    async def close(self) -> None:
        """End everything of it and remove its data."""
        if self.process and self.process.poll() is None:
            self._note_family()
            self.process.kill()
            self.process.wait()
        for name in await self.gone():
            raise AssertionError(f"{name} outlived saathi")
        shutil.rmtree(self.folder, ignore_errors=True)


def _alive(pid: int, born: float) -> psutil.Process | None:
    try:
        found = psutil.Process(pid)
        same = found.create_time() == born and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return found if same else None
