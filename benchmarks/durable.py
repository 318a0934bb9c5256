"""What an answer costs that waits until its update is on disk: `python -m benchmarks.durable`.

Three mailboxes take turns in one run, each on a Valkey of its own; the last column is the
ratio to the first.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from flows.messages import Address, Message
from storage.keyring import Keyring
from storage.redis_client import connect
from storage.redis_mailbox import RedisMailbox
from tests import valkeys

ROUNDS, AT_ONCE = 60, 20
WAYS = {
    "not waited for (everysec)": ("everysec", False),
    "on_disk, everysec": ("everysec", True),
    "on_disk, always": ("always", True),
}


async def _restore(_: str) -> None:
    return None


def mailbox(port: int, on_disk: bool) -> RedisMailbox:
    """A mailbox of its own."""
    redis = connect(f"redis://127.0.0.1:{port}")
    keyring = Keyring(redis, b"m" * 32)
    parts = (_restore, lambda: datetime.now(UTC), lambda: "seed")
    return RedisMailbox(redis, keyring, b"i" * 32, *parts, on_disk=on_disk)


async def measured(box: RedisMailbox, first: int) -> list[float]:
    """Milliseconds of some puts side by side, each of another chat."""

    async def put(number: int) -> float:
        began = time.perf_counter()
        await box.put([Message(f"SM{number}", Address("test", str(number % 500)), "hello")])
        return 1000 * (time.perf_counter() - began)

    return await asyncio.gather(*(put(first + n) for n in range(AT_ONCE)))


async def run(servers: dict[str, valkeys.One]) -> None:
    """All ways in turn, so that the machine's noise meets them alike."""
    boxes = {name: mailbox(servers[name].port, WAYS[name][1]) for name in WAYS}
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(ROUNDS):
        for name, box in boxes.items():
            times[name] += await measured(box, number * AT_ONCE)
    base = statistics.median(times[next(iter(WAYS))])
    print("| redis | p50 ms | p95 ms | ratio |\n|---|---|---|---|")
    for name, found in times.items():
        middle, p95 = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        print(f"| {name} | {middle:.1f} | {p95:.1f} | {middle / base:.1f} |")
    for box in boxes.values():
        await box.aclose()


def main() -> None:
    """Start the servers, run, end them."""
    with tempfile.TemporaryDirectory(prefix="saathi-durable-") as folder:
        servers = {
            name: valkeys.one(
                Path(folder) / str(n), *valkeys.COMMON, "--appendfsync", WAYS[name][0]
            )
            for n, name in enumerate(WAYS)
        }
        try:
            asyncio.run(run(servers))
        finally:
            for server in servers.values():
                server.child.stop()


if __name__ == "__main__":
    main()
