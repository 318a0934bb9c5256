"""`python -m bot.workshop.hand MB NICE`: orders and files come in, answers and files go out."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name
from typing import Any, BinaryIO

import msgspec

from bot.ranges import far_file
from bot.workshop.wire import Answer, Order, line, raw, read_files

# Each `(given, files) -> (result, files)`; imported when it is first asked for.
TASKS = {
    "look": "bot.inspect_file:look_task",
    "unlock": "bot.unlock:unlock_task",
    "sheet": "bot.sheet:sheet_task",
    "read": "bot.reading.task:read_task",
    "about": "bot.reading.task:about_task",
    "ready": "bot.review.binding.tasks:ready",
    "bind": "bot.review.binding.tasks:bound",
    "dossier": "bot.review.binding.tasks:whole",
    "strips": "bot.review.binding.tasks:cut",
    "summary": "bot.review.binding.tasks:summed",
}
# Each `(given, file) -> (result, files)`; the file lies elsewhere, for it may be huge.
FAR = {
    "look_far": "bot.inspect_file:look_far_task",
    "scan_preview": "bot.scan_preview:preview_task",
}
MOST_FILES = 64
PR_SET_PDEATHSIG = 1

Given = dict[str, Any]
Task = Callable[[Given, Any], tuple[object, Sequence[bytes]]]


def limit(megabytes: int, nice: int = 0) -> None:
    """From now on nothing is written to disk, and memory has an end."""
    memory = megabytes * 1024**2
    # Some systems know no such limit for a process; the time has an end there too.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(nice)
    if sys.platform == "linux":
        # In the middle of a task nobody would tell it that its parent was killed.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def done(order: Order, files: Sequence[bytes] | BinaryIO) -> tuple[Answer, Sequence[bytes]]:
    """One task carried out, on files or on one that is far."""
    task: Task = resolve_name((TASKS if order.far < 0 else FAR)[order.task])
    result, made = task(msgspec.json.decode(order.given), files)
    return Answer(raw(result), tuple(map(len, made))), made


def asking(come: BinaryIO, go: BinaryIO) -> Callable[[int, int], bytes]:
    """Asks over the pipes for pieces of the far file."""

    def ask(start: int, length: int) -> bytes:
        go.write(line(Answer(needs=(start, length))))
        go.flush()
        return read_files(come, (length,))[0]

    return ask


def _files(order: Order, come: BinaryIO, go: BinaryIO) -> Sequence[bytes] | BinaryIO:
    if order.far < 0:
        return read_files(come, order.sizes)
    return far_file(order.far, asking(come, go))


def main() -> None:
    """One order after the other, until the pipe closes."""
    limit(*map(int, sys.argv[1:]))
    come, go = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not stand between answers.
    sys.stdout = sys.stderr
    while told := come.readline():
        order = msgspec.json.decode(told, type=Order)
        answer, made = done(order, _files(order, come, go))
        go.write(line(answer))
        go.writelines(made)
        go.flush()


if __name__ == "__main__":
    main()
