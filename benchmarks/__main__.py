"""Saathi against every peer in one run: `python -m benchmarks [--quick] [--peers a,b]`."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.setup import ENVIRONMENTS, ROOT, environment

HERE = Path(__file__).parent
PEERS = (
    "saathi,ptb,ptb:durable,ptb:perchat,ptb:tuned,aiogram,aiogram:careful,grammy,"
    "twilio_flask,ceiling"
)
ROWS = [(50, 0), (500, 0), (50, 80), (500, 80)]


def main() -> None:
    """Run the matrix and print it, Saathi's figures as 1."""
    asked = arguments()
    if asked.table:
        print(table([json.loads(line) for line in asked.out.read_text("utf-8").splitlines()]))
        return
    peers = asked.peers.split(",")
    for name in ("driver", *{peer.partition(":")[0] for peer in peers}):
        print(f"environment of {name}: {environment(name)}", flush=True)
    _link_saathi()
    results = [
        result
        for _ in range(1 if asked.quick else asked.repeats)
        for chats, latency in ROWS
        for peer in peers
        if (result := measure(peer, chats, latency, 8 if asked.quick else asked.seconds))
    ]
    with asked.out.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(result) + "\n" for result in results)
    print(table(results))


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one repeat, windows of 8 s")
    parser.add_argument("--table", action="store_true", help="the table of the last run again")
    parser.add_argument("--peers", default=PEERS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--out", type=Path, default=HERE / "results.jsonl")
    return parser.parse_args()


def _link_saathi() -> None:
    place = ENVIRONMENTS / "saathi"
    if not place.exists():
        place.symlink_to(ROOT / ".venv")


def measure(peer: str, chats: int, latency: int, seconds: float) -> dict[str, Any] | None:
    """One run of the driver; None when the peer did not come up."""
    command = [ENVIRONMENTS / "driver/bin/python", HERE / "harness/driver.py", "closed"]
    options = ["--peer", peer, "--chats", chats, "--latency-ms", latency, "--seconds", seconds]
    env = {**os.environ, "BENCH_ENVS": str(ENVIRONMENTS)}
    done = subprocess.run(
        [str(part) for part in (*command, *options)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{peer}: {done.stderr.strip()[-300:]}", file=sys.stderr, flush=True)
        return None
    result: dict[str, Any] = json.loads(done.stdout)
    print(time.strftime("%H:%M:%S"), peer, chats, latency, result["turns_per_s"], flush=True)
    return result


HEAD = (
    "| peer | runs | turns/s | Saathi is | p50 ms | p95 ms | CPU ms a turn | RSS MB |"
    " others' cores | trouble |"
)
COLUMNS = ["turns_per_s", "p50_ms", "p95_ms", "bot_cpu_ms_per_turn", "bot_rss_mb", "others_cores"]


def table(results: list[dict[str, Any]]) -> str:
    """A table a row of the matrix; turns and CPU also as a ratio to Saathi in the same run."""
    lines = []
    for chats, latency in ROWS:
        here = [r for r in results if (r["chats"], r["latency_ms"]) == (chats, latency)]
        lines.append(f"\n### {chats} chats, provider latency {latency} ms (medians)\n")
        lines.append(HEAD)
        lines.append("|---" * 10 + "|")
        lines += rows(here)
    return "\n".join(lines)


def rows(results: list[dict[str, Any]]) -> list[str]:
    """One line a peer, the fastest first."""
    by_peer: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        by_peer.setdefault(result["peer"], []).append(result)
    medians = {peer: median(runs) for peer, runs in by_peer.items()}
    own = medians.get("saathi", {}).get("turns_per_s", 0.0)
    order = sorted(medians, key=lambda peer: -medians[peer]["turns_per_s"])
    return [row(peer, by_peer[peer], medians[peer], own) for peer in order]


def median(runs: list[dict[str, Any]]) -> dict[str, float]:
    """The median of every column."""
    return {name: statistics.median(run[name] or 0 for run in runs) for name in COLUMNS}


def row(peer: str, runs: list[dict[str, Any]], middle: dict[str, float], own: float) -> str:
    """One line of the table."""
    ratio = f"{own / middle['turns_per_s']:.2f} × as fast" if middle["turns_per_s"] else "–"
    trouble = sum(
        count
        for run in runs
        for name, count in run["counts"].items()
        if name in ("turns_without_reply", "question_skipped", "question_repeated", "stuck")
    )
    cells = [
        peer, len(runs), f"{middle['turns_per_s']:.0f}", ratio, f"{middle['p50_ms']:.0f}",
        f"{middle['p95_ms']:.0f}", f"{middle['bot_cpu_ms_per_turn']:.2f}",
        f"{middle['bot_rss_mb']:.0f}", f"{middle['others_cores']:.2f}", trouble,
    ]  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    main()
