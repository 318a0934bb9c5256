"""A server as a child process: it dies with its parent; an orphan is ended at the next start."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol

from bot.embedded.orphans import end_left_over, remember

PR_SET_PDEATHSIG = 1
LONGEST_SOCKET_PATH = 100
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
# Linux ends the child when the *thread* that forked it ends: one thread for good forks them all.
_forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="children")


class ServerError(Exception):
    """An embedded server did not start; the message says why and what to do."""


class Server(Protocol):
    """What every embedded server offers once it has started."""

    @property
    def url(self) -> str: ...
    def alive(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class Command:
    """What to run, as whom, and with which signal it ends in good order."""

    name: str
    arguments: Sequence[str | Path]
    folder: Path
    user: int | None = None
    ends_with: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    environment: Mapping[str, str] | None = None


@dataclass
class Child:
    """A running process whose folder no other Saathi can use meanwhile."""

    command: Command
    process: subprocess.Popen[bytes]
    lock: IO[str] = field(repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it in good order, by force if it takes too long. Twice does no harm."""
        if self.alive():
            self.process.send_signal(self.command.ends_with)
            try:
                self.process.wait(self.command.patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        _note(self.command).unlink(missing_ok=True)
        self.lock.close()

    def log(self) -> str:
        """The last lines it wrote, for an error message."""
        written = _log_file(self.command).read_text(encoding="utf-8", errors="replace")
        return "\n".join(written.splitlines()[-5:])


def spawn(command: Command) -> Child:
    """Start a process; raise ServerError when another Saathi uses its folder."""
    command.folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(command)
    try:
        if not end_left_over(_note(command), command.ends_with, command.patience):
            raise ServerError(f"{command.name} from an earlier run does not end.")
        process = _forker.submit(_start, command).result()
    except BaseException:
        lock.close()
        raise
    remember(_note(command), process.pid)
    return Child(command, process, lock)


def wait_until(child: Child, ready: Callable[[], bool], seconds: float) -> None:
    """Return once `ready`; raise ServerError if it dies first or takes too long."""
    end = time.monotonic() + seconds
    while child.alive() and time.monotonic() < end:
        if ready():
            return
        time.sleep(0.02)
    log = child.log()
    child.stop()
    raise ServerError(f"{child.command.name} did not start. It wrote:\n{log}")


def socket_folder(folder: Path) -> Path:
    """A folder for a Unix socket: this one, or a short private one where its name is too long."""
    path = folder.resolve()
    if len(str(path)) <= LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432.lock"):
        return path
    short = sha256(str(path).encode()).hexdigest()[:12]
    made = Path(tempfile.gettempdir()) / f"saathi-{os.getuid()}-{short}"
    made.mkdir(mode=0o700, exist_ok=True)
    if made.is_symlink() or made.stat().st_uid not in {os.getuid(), 65534}:
        raise ServerError(f"{made} belongs to somebody else: remove it, or use a shorter data_dir.")
    return made


def _start(command: Command) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    with _log_file(command).open("wb") as log:
        return subprocess.Popen(
            [str(part) for part in command.arguments],
            cwd=command.folder,
            env=None if command.environment is None else {**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in a terminal must reach the parent alone, which stops its children in order.
            start_new_session=True,
            preexec_fn=lambda: _die_with(parent, command.ends_with),
            user=command.user,
            group=command.user,
            extra_groups=None if command.user is None else [],
        )


def _die_with(parent: int, ends_with: signal.Signals) -> None:
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(ends_with), 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _note(command: Command) -> Path:
    return command.folder / f"{command.name}.pid"


def _log_file(command: Command) -> Path:
    return command.folder / f"{command.name}.log"


def _lock(command: Command) -> IO[str]:
    lock = (command.folder / f"{command.name}.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ServerError(
            f"{command.name} is already used by another running Saathi in {command.folder.name}/. "
            "Stop that one first, or set data_dir to another folder."
        ) from None
    return lock
