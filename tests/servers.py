"""Real servers for tests: one of each per pytest worker, started when first asked for."""

import asyncio
import json
import secrets
import shutil
import signal
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import boto3
import psycopg
from botocore.config import Config
from psycopg import sql
from types_boto3_s3 import S3Client

from bot.embedded import postgres, valkey
from bot.embedded.children import Command, Server, spawn, wait_until
from storage.migrate import migrate

PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
)


@dataclass(frozen=True)
class S3:
    """A running S3 service with an empty bucket."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    def client(self) -> S3Client:
        """A boto3 client that may read and write there."""
        client: S3Client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )
        return client


@dataclass
class Servers:
    """What tests may ask for; `stop` ends all of it."""

    running: list[Server] = field(default_factory=list)

    @cached_property
    def folder(self) -> Path:
        """Where all of them keep their data."""
        made = Path(tempfile.mkdtemp(prefix="saathi-tests-"))
        made.chmod(0o755)  # PostgreSQL's user must reach its own folder inside
        return made

    @cached_property
    def valkey(self) -> valkey.Valkey:
        """A real Valkey."""
        started = valkey.start(self.folder / "valkey")
        self.running.append(started)
        return started

    @cached_property
    def postgres(self) -> postgres.Postgres:
        """A real PostgreSQL."""
        started = postgres.start(self.folder / "postgres", durable=False)
        self.running.append(started)
        return started

    @cached_property
    def migrated(self) -> str:
        """The name of a database with all our tables, to copy from."""
        self.administer(sql.SQL("CREATE DATABASE migrated"))
        # In a thread of its own: whoever asks may have an event loop already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, migrate(self.postgres.database("migrated"))).result()
        return "migrated"

    @cached_property
    def s3(self) -> "SeaweedFS":
        """A real S3 service, which checks signatures."""
        started = SeaweedFS(self.folder / "s3")
        self.running.append(started)
        return started

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A fresh database, gone afterwards."""
        name = f"test_{secrets.token_hex(8)}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.administer(create.format(sql.Identifier(name), sql.Identifier(template)))
        yield self.postgres.database(name)
        self.administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def administer(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement outside of any transaction."""
        with psycopg.connect(self.postgres.database("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """End what was started and remove its data."""
        for server in reversed(self.running):
            server.stop()
        if "folder" in self.__dict__:
            shutil.rmtree(self.folder, ignore_errors=True)


class SeaweedFS:
    """S3 by SeaweedFS, on loopback, with one identity."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.access_key, self.secret_key = "tests", secrets.token_hex(16)
        (folder / "identities.json").write_text(json.dumps(self._identities()))
        self._port, *self._ports = [free_port() for _ in ("s3", *PORTS)]
        self._child = spawn(
            Command("weed", self._arguments(folder), folder, ends_with=signal.SIGKILL)
        )
        wait_until(self._child, self._ready, seconds=60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def alive(self) -> bool:
        return self._child.alive()

    def stop(self) -> None:
        self._child.stop()  # by force: in good order it takes half a minute
        for port in self._ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)

    def bucket(self) -> S3:
        """A fresh bucket."""
        made = S3(self.url, f"test-{secrets.token_hex(8)}", self.access_key, self.secret_key)
        made.client().create_bucket(Bucket=made.bucket)
        return made

    def _identities(self) -> dict[str, object]:
        keys = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        return {"identities": [{"name": "tests", "credentials": keys, "actions": ["Admin"]}]}

    def _arguments(self, folder: Path) -> list[str | Path]:
        ports = [f"-{part}={port}" for part, port in zip(PORTS, self._ports, strict=True)]
        rest = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={self._port}"]
        limits = ["-master.volumeSizeLimitMB=64", "-volume.max=30", "-s3.port.iceberg=0"]
        limits += [
            "-s3.port.lance=0",
            "-volume.preStopSeconds=0",
            f"-s3.localSocket={folder}/s3.sock",
        ]
        identities = f"-s3.config={folder / 'identities.json'}"
        return [weed(), "server", f"-dir={folder}", identities, *rest, *limits, *ports]

    def _ready(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=2)
        except urllib.error.HTTPError as error:
            return error.code == 403  # it asks for a signature: it works
        except OSError:
            return False
        return True


def weed() -> str:
    """SeaweedFS's program."""
    found = shutil.which("weed", path=str(Path(__file__).parents[1] / ".venv/bin"))
    return found or shutil.which("weed") or "weed"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
