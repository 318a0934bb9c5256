"""Everything that a running Saathi keeps: Redis, PostgreSQL, and its files."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from tests.e2e.process import Saathi

TABLES = """SELECT schemaname, tablename FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
READ = {
    "string": lambda client, key: client.get(key),
    "hash": lambda client, key: client.hgetall(key),
    "list": lambda client, key: client.lrange(key, 0, -1),
    "set": lambda client, key: client.smembers(key),
    "zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
    "stream": lambda client, key: client.xrange(key),
}
# It writes down every few seconds that it lives.
RESTLESS = "procrastinate_workers"


class Stored:
    """What lies in the embedded servers and in the data folder."""

    def __init__(self, saathi: Saathi) -> None:
        self.data = saathi.data
        running = json.loads((saathi.data / "running.json").read_text(encoding="utf-8"))
        self.redis_url, self.database_url = running["redis"], running["database"]

    def redis(self) -> dict[bytes, Any]:
        """Every key of Redis with all that it holds."""
        with redis.Redis.from_url(self.redis_url) as client:
            found: dict[bytes, Any] = {}
            for key in client.scan_iter():
                kind = client.type(key).decode()
                found[key] = READ[kind](client, key)
            return found

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table as PostgreSQL writes it as text."""
        with psycopg.connect(self.database_url) as database:
            found = {}
            for schema, name in database.execute(TABLES).fetchall():
                table = sql.Identifier(schema, name)
                query = sql.SQL("SELECT t::text FROM {} AS t").format(table)
                found[f"{schema}.{name}"] = [row for (row,) in database.execute(query)]
            return found

    def files(self, *but: str) -> Iterator[tuple[Path, bytes]]:
        """Every file below the data folder but those of some of its folders."""
        for path in sorted(self.data.rglob("*")):
            inside = path.relative_to(self.data)
            if inside.parts[0] not in but and path.is_file() and not path.is_symlink():
                yield inside, path.read_bytes()

    def everything(self) -> tuple[dict[bytes, Any], dict[str, list[str]]]:
        """Redis and PostgreSQL, to be compared."""
        rows = {name: sorted(each) for name, each in self.rows().items() if RESTLESS not in name}
        return self.redis(), rows


def spellings(word: str) -> set[bytes]:
    """A word as it may stand in a file: plain, escaped for JSON, for URLs, in base64, in hex."""
    plain = word.encode()
    escaped = json.dumps(word)[1:-1]
    kinds = {plain, escaped.encode(), escaped.replace("\\", "\\\\").encode()}
    kinds |= {escaped.upper().replace("\\U", "\\u").encode(), word.encode("utf-16-le")}
    kinds |= {quote(word).encode(), quote(word, safe="").replace("%20", "+").encode()}
    return kinds | {plain.hex().encode()} | _base64(plain)


def _base64(plain: bytes) -> set[bytes]:
    """Base64 at each of the three offsets, without the ends that the neighbours change."""
    kinds = set[bytes]()
    for before in range(3):
        start, end = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            kinds.add(encode(bytes(before) + plain)[start:end])
    return {kind for kind in kinds if len(kind) >= 8}


def found(data: bytes, words: list[str]) -> list[str]:
    """Which of these words stand in some bytes, in whatever spelling."""
    return [word for word in words if any(kind in data for kind in spellings(word))]
