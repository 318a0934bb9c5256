"""What Saathi and every peer lose: duplicates, bursts, overtaking, kills, provider faults.

    python -m benchmarks.reliability [--peers saathi,ptb] [--chats 60] [--table]

All in one run, by the driver's own modes; the table goes into docs/reliability.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.__main__ import PEERS, _link_saathi
from benchmarks.setup import ENVIRONMENTS, environment

HERE = Path(__file__).parent
DOC = HERE.parent / "docs/reliability.md"
START, END = "<!-- peers -->", "<!-- /peers -->"
THINK = ("--think", ".1")
FAULTS = tuple(
    part for kind in ("429", "500", "lost", "silent") for part in (f"--rate-{kind}", ".005")
)
MODES = {
    "twice": ("soak", "--duplicates", ".05", *THINK),
    "two at once": ("soak", "--burst", ".05", *THINK),
    "overtaken": ("soak", "--swap", ".05", *THINK),
    "killed": ("kill", "--kills", "3", "--think", ".5", "--reply-timeout", "10"),
    "provider fails": ("soak", *FAULTS, *THINK, "--reply-timeout", "40"),
}
# In the order of the table: forms with a wrong answer, questions skipped, turns that nobody
# answered, people who gave up.
COUNTS = ("wrong_answers_kept", "question_skipped", "turns_without_reply", "stuck")


def main() -> None:
    """Run all modes on all peers, and print the table."""
    asked = arguments()
    if not asked.table:
        run(asked)
    lines = asked.out.read_text("utf-8").splitlines()
    text = table([json.loads(line) for line in lines])
    print(text)
    before, _, rest = DOC.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    DOC.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", "utf-8")


def run(asked: argparse.Namespace) -> None:
    """Every mode on every peer, one after the other; results as they come."""
    peers = asked.peers.split(",")
    for name in ("driver", *{peer.partition(":")[0] for peer in peers}):
        print(f"environment of {name}: {environment(name)}", flush=True)
    _link_saathi()
    asked.out.write_text("", "utf-8")
    for mode, options in MODES.items():
        for peer in peers:
            found = measure(peer, [*options, "--chats", str(asked.chats)])
            with asked.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"name": mode, "peer": peer, **found}) + "\n")
            print(time.strftime("%H:%M:%S"), mode, peer, cell(found), flush=True)


def measure(peer: str, options: list[str]) -> dict[str, Any]:
    """One run of the driver; `failed` where it did not end."""
    mode, *rest = options
    rounds = ["--rounds", "2"] if mode == "soak" else []
    command = [str(ENVIRONMENTS / "driver/bin/python"), str(HERE / "harness/driver.py"), mode]
    done = subprocess.run(
        ["timeout", "600", *command, "--peer", peer, *rest, *rounds],
        env={**os.environ, "BENCH_ENVS": str(ENVIRONMENTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{peer}: {done.stderr.strip()[-300:]}", file=sys.stderr, flush=True)
        return {"failed": done.returncode}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(results: Iterable[dict[str, Any]]) -> str:
    """A row a peer, a column a mode."""
    by_peer: dict[str, dict[str, str]] = {}
    for one in results:
        by_peer.setdefault(one["peer"], {})[one["name"]] = cell(one)
    head = "| " + " | ".join(["peer", *MODES]) + " |\n" + "|---" * (len(MODES) + 1) + "|"
    rows = (
        "| " + " | ".join([peer, *(found.get(mode, "–") for mode in MODES)]) + " |"
        for peer, found in by_peer.items()
    )
    return "\n".join([head, *rows])


def cell(one: dict[str, Any]) -> str:
    """Wrong, skipped, unanswered and stuck, of so many forms."""
    if "failed" in one:
        return "did not end"
    counts = one["counts"]
    figures = " / ".join(str(counts.get(name, 0)) for name in COUNTS)
    return f"{figures} of {counts.get('begun', 0)}"


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=PEERS)
    parser.add_argument("--chats", type=int, default=60)
    parser.add_argument("--table", action="store_true", help="the table of the last run again")
    parser.add_argument("--out", type=Path, default=HERE / "reliability.jsonl")
    return parser.parse_args()


if __name__ == "__main__":
    main()
