"""A note of which process is ours, so that the next start can end it if it was left over."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def remember(note: Path, pid: int) -> None:
    """Note down a process of ours."""
    note.write_text(json.dumps({"pid": pid, "born": _born(pid)}), encoding="utf-8")


def end_left_over(note: Path, ends_with: signal.Signals, patience: float) -> bool:
    """End the noted process if it still runs; False if it does not end."""
    pid = _noted(note)
    if pid is None:
        return True
    for number, seconds in ((ends_with, patience), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _gone(pid, seconds):
            return True
    return False


def _noted(note: Path) -> int | None:
    """The process of an earlier run, if the number still belongs to that very process."""
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        pid, born = int(kept["pid"]), kept["born"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if born and born == _born(pid) else None


def _gone(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not _born(pid):
            return True
        time.sleep(0.02)
    return False


def _born(pid: int) -> str:
    """When a process began and what it is called; empty if there is none."""
    if sys.platform == "linux":
        return _born_linux(pid)
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def _born_linux(pid: int) -> str:
    try:
        _, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except OSError:
        return ""
    fields = rest.split()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # A zombie waits for its parent only: it holds no file and no port any more.
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
