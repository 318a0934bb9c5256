"""Several Valkeys that belong together: a Cluster, and a master with a replica and Sentinels."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot

from bot.embedded.children import Child, Command, spawn, wait_until
from bot.embedded.valkey import binary
from tests.servers import free_port

SLOTS = 16384
COMMON = (
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "yes",
    "--repl-diskless-sync-delay",
    "0",
)
GUARD = """\
port {port}
bind 127.0.0.1
sentinel monitor saathi 127.0.0.1 {master} 2
sentinel down-after-milliseconds saathi 700
sentinel failover-timeout saathi 3000
"""


@dataclass
class One:
    """A Valkey that listens on a port."""

    port: int
    child: Child

    def ask(self, *command: Any) -> Any:
        """One command, to this server alone."""
        with redis.Redis(port=self.port, socket_timeout=2) as client:
            return client.execute_command(*command)

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return bool(self.ask("PING"))
        except redis.RedisError:
            return False


def one(folder: Path, *arguments: str, port: int = 0) -> One:
    """Start one on the data in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command: list[str | Path] = [binary(), *arguments, "--port", str(port), "--dir", str(folder)]
    return _started(One(port, spawn(Command("valkey", command, folder))))


def _started(made: One) -> One:
    wait_until(made.child, made.answers, seconds=30)
    return made


@dataclass
class Group:
    """Some of them, and how a client reaches all."""

    url: str
    servers: list[One]
    guards: list[One] = field(default_factory=list)

    def alive(self) -> bool:
        return all(each.child.alive() for each in self.servers)

    def stop(self) -> None:
        for each in (*self.guards, *self.servers):
            each.child.stop()

    def flush(self) -> None:
        """Empty all of them."""
        for each in self.servers:
            each.ask("FLUSHALL")


def cluster(folder: Path) -> Group:
    """Three masters; the first three shards of a mailbox lie on one each."""
    buses = [free_port() for _ in range(3)]
    servers = [one(folder / str(bus), *COMMON, *_member(bus)) for bus in buses]
    for server, bus in zip(servers[1:], buses[1:], strict=True):
        servers[0].ask("CLUSTER", "MEET", "127.0.0.1", server.port, bus)
    cuts = sorted((key_slot(b"s%d" % n), n) for n in range(3))
    ends = [slot for slot, _ in cuts[1:]] + [SLOTS]
    starts = [0, *ends[:-1]]
    for server, start, end in zip(servers, starts, ends, strict=True):
        server.ask("CLUSTER", "ADDSLOTSRANGE", start, end - 1)
    _until(lambda: all(_joined(each) for each in servers))
    hosts = ",".join(f"127.0.0.1:{each.port}" for each in servers)
    return Group(f"redis+cluster://{hosts}", servers)


def _member(bus: int) -> list[str]:
    return [
        "--cluster-enabled",
        "yes",
        "--cluster-node-timeout",
        "1500",
        "--cluster-port",
        str(bus),
    ]


def guarded(folder: Path) -> Group:
    """A master, a replica, and three Sentinels that watch them."""
    master = one(folder / "master", *COMMON)
    follows = ("--replicaof", f"127.0.0.1 {master.port}")
    replica = one(folder / "replica", *COMMON, *follows)
    guards = [_guard(folder / f"guard{n}", master.port) for n in range(3)]
    _until(lambda: b"master_link_status:up" in _bytes(replica.ask("INFO", "replication")))
    _until(lambda: all(_knows_all(each) for each in guards))
    hosts = ",".join(f"127.0.0.1:{each.port}" for each in guards)
    return Group(f"redis+sentinel://{hosts}/saathi", [master, replica], guards)


def _guard(folder: Path, master: int) -> One:
    folder.mkdir(parents=True)
    port = free_port()
    config = folder / "sentinel.conf"
    config.write_text(GUARD.format(port=port, master=master), encoding="utf-8")
    command: list[str | Path] = [binary(), str(config), "--sentinel"]
    return _started(One(port, spawn(Command("sentinel", command, folder))))


def _joined(server: One) -> bool:
    told = server.ask("CLUSTER", "INFO")
    return b"cluster_state:ok" in _bytes(told) and b"cluster_known_nodes:3" in _bytes(told)


def _knows_all(guard: One) -> bool:
    with redis.Redis(port=guard.port, socket_timeout=2) as client:
        found: Any = client.info("sentinel")
    seen = found["master0"]
    return bool(seen["slaves"] == 1 and seen["sentinels"] == 3)


def _bytes(told: Any) -> bytes:
    if isinstance(told, dict):
        return "\n".join(f"{key}:{value}" for key, value in told.items()).encode()
    return bytes(told) if isinstance(told, bytes | bytearray) else str(told).encode()


def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the servers do not find each other")
        time.sleep(0.05)
