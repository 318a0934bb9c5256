"""Sets Saathi up from nothing: `python tools/setup.py core nlu browser judges`.

core     uv, the environment of Saathi itself, the command .venv/bin/saathi
nlu      Rasa's own environment (Python 3.10) and a model trained from nlu/training
browser  Chromium and the npm packages that tests use
judges   the environment of the strict fakes that tests are held against
Parts whose inputs have not changed cost nothing. A run that was interrupted is continued.
"""

import fcntl
import sys
from typing import IO

import chromium
import environments
import understanding
from steps import BUILD, Progress, SetupError

NO_RASA = 3  # Python 3.10 cannot be had: Saathi runs without Rasa
PARTS = {
    "core": environments.CORE,
    "nlu": understanding.STEPS,
    "browser": chromium.STEPS,
    "judges": environments.JUDGES,
}


def main(parts: list[str]) -> int:
    """Do the parts in turn; 0 if all is there."""
    if unknown := [part for part in parts if part not in PARTS]:
        print(f"Unknown part: {', '.join(unknown)}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "setup.lock").open("a") as lock:
        _wait_for(lock)
        return _set_up([step for part in parts or ["core"] for step in PARTS[part]])


def _set_up(steps: list[environments.Step]) -> int:
    progress = Progress(len(steps))
    try:
        for words, work in steps:
            progress.step(words, work)
    except understanding.NoPython310 as error:
        print(f"\n{error}", flush=True)
        return NO_RASA
    except SetupError as error:
        print(f"\nSetup failed. {error}", file=sys.stderr)
        return 1
    return 0


def _wait_for(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another setup is running; waiting for it …", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nInterrupted. The next run continues where this one stopped.", file=sys.stderr)
        sys.exit(130)
