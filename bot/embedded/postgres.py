"""Embedded PostgreSQL: its data kept, reached over a private socket, also where Saathi is root."""

import fcntl
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from bot.embedded.children import Child, Command, ServerError, socket_folder, spawn, wait_until
from bot.embedded.homes import home, own, programs

NAME = "saathi"
NOBODY = 65534  # PostgreSQL refuses to run as root
TUNED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",  # a statement may hold what a person said
}
DURABLE = {"synchronous_commit": "on", "fsync": "on"}
FORGETFUL = {"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL with one database of ours."""

    url: str
    child: Child

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.child.alive()

    def stop(self) -> None:
        """End it in good order; clients are cut off."""
        self.child.stop()

    def database(self, name: str) -> str:
        """The address of another database on this server."""
        return self.url.replace(f"/{NAME}?", f"/{name}?")


def start(folder: Path, durable: bool = True) -> Postgres:
    """Start PostgreSQL on the data in `folder`; make them first if there are none.

    Not `durable` is for tests: quick, and lost if the machine stops.
    """
    user = NOBODY if os.geteuid() == 0 else None
    folder = home(folder.resolve(), user)
    own(folder, user)
    sockets = socket_folder(folder)
    own(sockets, user)
    found = programs(user)
    with (folder / "first-start.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two may start at once
        if not (folder / "data").exists():
            _initialise(found, folder, user)
    _forget_stale_pid(folder / "data")
    arguments: list[str | Path] = [found / "postgres", "-D", folder / "data"]
    arguments += _flags(sockets, durable)
    # SIGTERM would wait for clients for ever; SIGINT cuts them off and writes all to disk.
    command = Command("postgres", arguments, folder, user, signal.SIGINT, environment=_plain())
    child = spawn(command)
    wait_until(child, lambda: _answers(sockets), seconds=180)
    return Postgres(_url(sockets, NAME), child)


def _flags(sockets: Path, durable: bool) -> list[str]:
    options = {**TUNED, **(DURABLE if durable else FORGETFUL)}
    options["unix_socket_directories"] = str(sockets)
    return [part for key, value in options.items() for part in ("-c", f"{key}={value}")]


def _url(sockets: Path, database: str) -> str:
    return f"postgresql://{NAME}@/{database}?host={quote(str(sockets), safe='/')}"


def _plain() -> dict[str, str]:
    return {"LC_ALL": "C", "TZ": "UTC"}


def _answers(sockets: Path) -> bool:
    """Whether it takes queries; makes our database the first time."""
    try:
        with psycopg.connect(_url(sockets, "postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if not known.fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
            return True
    except psycopg.OperationalError:  # not there yet, or recovering from a crash
        return False


def _initialise(found: Path, folder: Path, user: int | None) -> None:
    unfinished = folder / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    command: list[str | Path] = [found / "initdb", "-D", unfinished, "-U", NAME, "--auth=trust"]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    made = subprocess.run(
        [*command, "--locale=C", "--no-instructions"],
        cwd=folder,
        env={**os.environ, **_plain()},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if made.returncode:
        raise ServerError(f"PostgreSQL's data could not be made:\n{made.stderr.strip()}")
    unfinished.rename(folder / "data")


def _forget_stale_pid(data: Path) -> None:
    """Remove a pid file whose number now belongs to another program."""
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text(encoding="utf-8").split()[0])
        if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() != "postgres":
            file.unlink()
    except (OSError, ValueError, IndexError):
        return
