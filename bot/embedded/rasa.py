"""Rasa as a supervised child: set up in the background, started again when it dies."""

import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

from bot.embedded.children import Child, Command, ServerError, spawn

ROOT = Path(__file__).resolve().parents[2]
NO_PYTHON_310 = 3  # what tools/setup.py says where Rasa cannot be had
FIRST_PAUSE, LONGEST_PAUSE, LIVED_WELL = 1.0, 60.0, 120.0
# The token travels in the environment: a command line can be read by every user of the machine.
RUN = (
    "import os, sys; from rasa.__main__ import main; "
    "sys.argv += ['--auth-token', os.environ.pop('RASA_TOKEN')]; main()"
)
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass
class Rasa:
    """Rasa, on its way up or running. Nobody need wait for it: callers take its absence well."""

    folder: Path
    root: Path
    say: Callable[[str], None]
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """Whether it runs or will be started again; whether it answers, bot.rasa can tell."""
        return bool(self.thread and self.thread.is_alive())

    def stop(self) -> None:
        """End Rasa and whatever set it up."""
        self.ended.set()
        if self.thread:
            self.thread.join()

    def supervise(self) -> None:
        """Set Rasa up, then keep it running until `stop`."""
        try:
            if self._set_up():
                self._keep_running()
        except (ServerError, OSError) as error:
            self.say(f"Rasa is off: {error}")

    def _set_up(self) -> bool:
        setup = self.root / "tools/setup.py"
        if not setup.exists():
            return True
        if not (self.root / ".build/models/current").exists():
            self.say("Rasa is being set up in the background; Saathi already answers without it.")
        arguments: list[str | Path] = [sys.executable, setup, "nlu"]
        child = spawn(Command("rasa-setup", arguments, self.folder, ends_with=SIGKILL))
        self._watch(child)
        code = child.process.returncode
        if code and not self.ended.is_set():
            self.say("Saathi runs without Rasa. " + child.log().strip())
        return code == 0

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while not self.ended.is_set():
            begun = time.monotonic()
            self._watch(spawn(self._command()))
            lived = time.monotonic() - begun
            pause = FIRST_PAUSE if lived > LIVED_WELL else min(pause * 2, LONGEST_PAUSE)
            self.ended.wait(pause)

    def _watch(self, child: Child) -> None:
        while child.alive() and not self.ended.wait(0.2):
            pass
        child.stop()

    def _command(self) -> Command:
        build = self.root / ".build/models"
        model = build / f"{(build / 'current').read_text(encoding='utf-8')}.tar.gz"
        # No channels: Rasa's own REST channel would be open to everybody without a token.
        (self.folder / "credentials.yml").write_text("{}\n", encoding="utf-8")
        python = self.root / ".venv-nlu/bin/python"
        arguments: list[str | Path] = [python, "-c", RUN, "run", "--enable-api"]
        arguments += ["--model", model, "--credentials", self.folder / "credentials.yml"]
        arguments += ["--interface", "127.0.0.1", "--port", str(self.port)]
        environment = {
            **QUIET,
            "PYTHONPATH": str(self.root / "nlu/components"),
            "RASA_TOKEN": self.token,
        }
        # It keeps nothing, so it need not end in good order.
        return Command("rasa", arguments, self.folder, ends_with=SIGKILL, environment=environment)


def start(folder: Path, say: Callable[[str], None] = print, root: Path = ROOT) -> Rasa:
    """Begin to set up and start Rasa, and return at once."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    rasa = Rasa(folder, root, say, _free_port())
    rasa.thread = threading.Thread(target=rasa.supervise, name="rasa", daemon=True)
    rasa.thread.start()
    return rasa


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
