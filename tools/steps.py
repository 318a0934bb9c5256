"""What every part of the setup needs: visible steps, commands that die with us, stamps."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
UV = ROOT / ".tools/bin/uv"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class SetupError(Exception):
    """A step failed; the message says what to do."""


class Progress:
    """Counts the steps aloud, on one line each."""

    def __init__(self, steps: int) -> None:
        self.steps, self.number = steps, 0

    def step(self, words: str, work: Callable[[], bool]) -> None:
        """Do one step; one that had nothing to do says nothing."""
        self.number += 1
        begun = time.monotonic()
        heading = f"[{self.number}/{self.steps}] {words} …"
        announce = _Announced(heading)
        _announcement.append(announce)
        try:
            worked = work()
        finally:
            _announcement.pop()
        if worked:
            announce.now()
            print(f" {time.monotonic() - begun:.0f} s", flush=True)


class _Announced:
    def __init__(self, heading: str) -> None:
        self.heading, self.shown = heading, False

    def now(self) -> None:
        if not self.shown:
            print(self.heading, end="", flush=True)
            self.shown = True


_announcement: list[_Announced] = []


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end; raise SetupError with its last words if it fails."""
    for announced in _announcement:
        announced.now()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=_die_with_parent,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-15:]
        name = Path(str(command[0])).name
        raise SetupError(f"{name} failed ({done.returncode}):\n  " + "\n  ".join(said))
    return done.stdout


def fingerprint(files: Sequence[Path], *more: str) -> str:
    """A name for the contents of these files."""
    hashed = sha256("\0".join(more).encode())
    for file in sorted(files):
        hashed.update(f"\0{file.relative_to(ROOT)}\0".encode())
        hashed.update(file.read_bytes())
    return hashed.hexdigest()[:16]


def once(name: str, version: str, made: Path, work: Callable[[], None]) -> bool:
    """Do the work unless it was finished before for this very version."""
    stamp = BUILD / "stamps" / name
    if made.exists() and stamp.exists() and stamp.read_text() == version:
        return False
    stamp.unlink(missing_ok=True)  # an interrupted run leaves no stamp
    work()
    write(stamp, version)
    return True


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(file)


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
