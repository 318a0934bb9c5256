"""Families tell their cases while processes are killed, Redis restarts and Telegram fails.

    python -m benchmarks.faults [--seconds 600] [--families 500]

The last line tells what was lost, wrong, doubled, stuck or missing; see docs/reliability.md.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from starlette.routing import Mount

from benchmarks.storm.counts import Counts, Judge
from benchmarks.storm.family import Family, World
from benchmarks.storm.post import Post
from benchmarks.storm.saathi import REVIEW_SECRET, REVIEW_TOKEN, Saathi
from benchmarks.storm.telegram import Bubble, Telegram
from bot.clock import now
from bot.review.sandbox import http_poster, sandbox_app
from bot.wiring import opened
from tests.cases import paper_bytes
from tests.web import serving

SHARE, TURNS = 0.02, 60


class Storm:
    """One run."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.families: dict[int, Family] = {}
        pages = sorted(paper_bytes("prostate").values(), key=len)
        self.telegram = Telegram(self._see, pages[:2], asked.faults)
        self.began = time.monotonic()
        self.at_stake = 0

    async def run(self) -> Counts:
        """Start, rage, calm down, count."""
        await self.telegram.start()
        sandbox = sandbox_app(
            self.folder / "sandbox", self._event, REVIEW_SECRET, now, token=REVIEW_TOKEN
        )
        async with serving([Mount("/", sandbox)]) as review:  # type: ignore[list-item]
            self.saathi = Saathi(self.folder, self.telegram.url, review)
            try:
                await self.saathi.start()
                self.post = Post(self.saathi.urls, self.asked.twice)
                return await self._families()
            finally:
                self.saathi.stop()
                await self.telegram.stop()

    async def _families(self) -> Counts:
        await self.post.open()
        think = self.asked.seconds / TURNS * 0.8
        world = World(self.telegram, self.post, think, self.asked.swaps)
        found = [Family(world, n) for n in range(self.asked.families)]
        self.families = {family.chat: family for family in found}
        self.began = time.monotonic()
        await self._rage()
        await self.post.close()
        return await self._judged(world)

    async def _rage(self) -> None:
        """All families beside all faults; then the faults end and whoever is late goes on."""
        start = asyncio.create_task
        lives = [start(self._live(family)) for family in self.families.values()]
        faults, telling = [start(self._kill()), start(self._restart())], start(self._tell())
        await asyncio.wait(lives, timeout=self.asked.seconds)
        for each in faults:
            each.cancel()
        self.telegram.share = 0
        await asyncio.wait(lives, timeout=self.asked.grace)
        for each in (*lives, telling):
            each.cancel()

    async def _live(self, family: Family) -> None:
        await asyncio.sleep(random.random() * self.asked.seconds * 0.1)
        await family.live()

    async def _kill(self) -> None:
        while True:
            await asyncio.sleep(self.asked.kill_every)
            process = random.choice(self.saathi.processes)
            self.at_stake += self.telegram.under_way()
            await asyncio.to_thread(self.saathi.kill, process)

    async def _restart(self) -> None:
        while True:
            await asyncio.sleep(min(60, self.asked.seconds / 3))
            self.at_stake += self.telegram.under_way()
            await self.saathi.restart_redis()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(10)
            self._progress()

    def _progress(self) -> None:
        done = sum(family.done for family in self.families.values())
        print(
            f"{time.monotonic() - self.began:4.0f} s: {done} of {len(self.families)} cases sent,"
            f" {self.saathi.kills} kills, {self.saathi.restarts} restarts of Redis,"
            f" {self.telegram.faults.total()} faults of Telegram",
            flush=True,
        )

    async def _judged(self, world: World) -> Counts:
        async with opened(self.saathi.settings, self.saathi.places, works=False) as made:
            families = list(self.families.values())
            judge = Judge(made.app, self.folder / "sandbox", families, self.telegram, self.post)
            await _settled(made.app, self.asked.grace)
            counts = await judge.judge()
        self._progress()
        for name, seen in (
            ("families", world.counts),
            ("webhooks", self.post.counts),
            ("Telegram", self.telegram.faults),
        ):
            print(f"{name}: " + ", ".join(f"{many} {what}" for what, many in sorted(seen.items())))
        # A reply whose acceptance we could not write down or never heard of goes once more.
        print(f"replies that may have gone twice: {self.at_stake + self.telegram.faults['silent']}")
        print(*judge.notes, sep="\n", end="\n" if judge.notes else "")
        return counts

    def _see(self, bubble: Bubble) -> None:
        if family := self.families.get(bubble.chat):
            family.see(bubble)

    async def _event(self, body: bytes, headers: dict[str, str]) -> int:
        url = random.choice(self.saathi.urls)
        return await http_poster(url + "/review/events")(body, headers)


async def _settled(app, seconds: float) -> None:
    """Wait until nothing is under way any more."""
    end = time.monotonic() + seconds
    query = (
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        " AND task_name = 'submit'"
    )
    while time.monotonic() < end:
        busy = [await app.redis.zcard("{s0}:" + kind) for kind in ("ready", "out", "dirty")]
        busy += [await app.redis.llen("{s0}:log")]
        async with app.engine.connect() as connection:
            busy.append((await connection.exec_driver_sql(query)).scalar())
        if not any(busy):
            return
        await asyncio.sleep(0.5)
    print("still busy:", busy)


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--families", type=int, default=0, help="default: 500 in 600 seconds")
    parser.add_argument("--faults", type=float, default=SHARE, help="share of failing sends")
    parser.add_argument("--twice", type=float, default=0.05, help="share of webhooks posted twice")
    parser.add_argument("--swaps", type=float, default=0.05, help="share of overtaken answers")
    parser.add_argument("--kill-every", type=float, default=5)
    parser.add_argument("--grace", type=float, default=120, help="seconds to come to rest")
    asked = parser.parse_args()
    asked.families = asked.families or max(20, round(asked.seconds * 500 / 600))
    return asked


def main() -> None:
    """Run a storm and print what it did."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="saathi-storm-") as folder:
        counts = uvloop.run(Storm(asked, Path(folder)).run())
    print(counts)
    sys.exit(not counts.clean)


if __name__ == "__main__":
    main()
