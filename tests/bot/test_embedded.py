"""Embedded servers: their data stay, their processes don't, whatever happens to the parent."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from bot.embedded import children, homes, postgres, valkey
from bot.embedded.children import Command, ServerError, spawn

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# What `kill -9` hits: a process that has started both servers.
PARENT = """
import sys, time
from pathlib import Path
from bot.embedded import postgres, valkey
folder = Path(sys.argv[1])
started = valkey.start(folder / "valkey"), postgres.start(folder / "postgres", durable=True)
print("ready", flush=True)
time.sleep(600)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(1, flush=True)
time.sleep(600)
"""
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach; pytest's own is closed where root runs it."""
    made = Path(tempfile.mkdtemp(prefix="saathi-embedded-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def pid_in(file: Path) -> int:
    return int(json.loads(file.read_text())["pid"])


def ended(pid: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_valkey_keeps_its_data(folder: Path) -> None:
    first = valkey.start(folder)
    with redis.Redis.from_url(first.url) as client:
        client.set("step", "records")
        policy = client.config_get("maxmemory-policy")
    first.stop()
    assert not first.alive()
    second = valkey.start(folder)
    with redis.Redis.from_url(second.url) as client:
        assert client.get("step") == b"records"
    second.stop()
    assert policy == {"maxmemory-policy": "noeviction"}


def test_valkey_survives_its_own_death(folder: Path) -> None:
    first = valkey.start(folder)
    with redis.Redis.from_url(first.url) as client:
        client.set("step", "records")
        time.sleep(1.2)  # appendfsync everysec
    os.kill(first.child.pid, signal.SIGKILL)
    first.stop()
    second = valkey.start(folder)
    with redis.Redis.from_url(second.url) as client:
        assert client.get("step") == b"records"
    second.stop()


def test_no_other_user_reaches_the_servers(folder: Path) -> None:
    started = valkey.start(folder / "valkey"), postgres.start(folder / "postgres")
    sockets = [folder / "valkey/valkey.sock", folder / "postgres/.s.PGSQL.5432"]
    assert [oct(path.stat().st_mode & 0o077) for path in sockets] == ["0o0", "0o0"]
    assert [oct(path.parent.stat().st_mode & 0o077) for path in sockets] == ["0o0", "0o0"]
    for server in started:
        assert not psutil.Process(server.child.pid).net_connections("inet")
        server.stop()


def test_a_folder_with_a_long_name_works(folder: Path) -> None:
    long = folder / ("long " * 25) / "valkey"
    started = valkey.start(long)
    with redis.Redis.from_url(started.url) as client:
        assert client.ping()
    started.stop()


def test_postgres_keeps_its_data_through_a_crash(folder: Path) -> None:
    first = postgres.start(folder)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'साथी' AS word")
    os.kill(first.child.pid, signal.SIGKILL)
    first.stop()
    second = postgres.start(folder)
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("साथी",)
    second.stop()


def test_postgres_stops_though_a_client_stays(folder: Path) -> None:
    started = postgres.start(folder)
    with psycopg.connect(started.url):
        begun = time.monotonic()
        started.stop()
        assert time.monotonic() - begun < 10
    assert not (folder / "data/postmaster.pid").exists()


def test_an_unfinished_first_start_is_begun_again(folder: Path) -> None:
    (folder / "data.new").mkdir()
    (folder / "data.new/PG_VERSION").write_text("18")
    started = postgres.start(folder)
    with psycopg.connect(started.url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    started.stop()


def test_nothing_lives_on_after_kill_9_of_the_parent(folder: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, folder], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout
    assert parent.stdout.readline() == b"ready\n"
    pids = [pid_in(folder / f"{name}/{name}.pid") for name in ("valkey", "postgres")]
    family = [child.pid for pid in pids for child in psutil.Process(pid).children()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert [pid for pid in pids + family if not ended(pid)] == []


def test_a_child_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    spawned: list[children.Child] = []
    command = Command("sleeper", SLEEPER, tmp_path)
    thread = threading.Thread(target=lambda: spawned.append(spawn(command)))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert spawned[0].alive()
    spawned[0].stop()
    assert ended(spawned[0].pid)


def test_an_orphan_is_ended_at_the_next_start(tmp_path: Path) -> None:
    command = Command("sleeper", SLEEPER, tmp_path)
    first = spawn(command)
    first.lock.close()  # as if its parent were gone, and it had stayed nevertheless
    second = spawn(command)
    assert ended(first.pid)
    assert second.alive()
    first.process.wait()
    second.stop()


def test_a_stranger_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(SLEEPER)
    kept = {"pid": stranger.pid, "born": "another boot 12345"}
    (tmp_path / "sleeper.pid").write_text(json.dumps(kept))
    ours = spawn(Command("sleeper", SLEEPER, tmp_path))
    assert stranger.poll() is None
    ours.stop()
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x", "born": 1}', '{"pid": 0}'])
def test_a_broken_pid_file_is_no_obstacle(tmp_path: Path, content: str) -> None:
    (tmp_path / "sleeper.pid").write_text(content)
    ours = spawn(Command("sleeper", SLEEPER, tmp_path))
    assert ours.alive()
    ours.stop()


def test_two_cannot_use_one_folder(tmp_path: Path) -> None:
    command = Command("sleeper", SLEEPER, tmp_path)
    first = spawn(command)
    with pytest.raises(ServerError, match="already used by another running Saathi"):
        spawn(command)
    assert first.alive()
    first.stop()
    spawn(command).stop()


def test_one_that_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    child = spawn(Command("deaf", [sys.executable, "-c", DEAF], tmp_path, patience=0.3))
    children.wait_until(child, lambda: child.log() == "1", seconds=10)
    child.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_why_it_did_not_start_is_told(tmp_path: Path) -> None:
    command = Command("broken", [sys.executable, "-c", "raise SystemExit('no disk')"], tmp_path)
    with pytest.raises(ServerError, match="no disk"):
        children.wait_until(spawn(command), lambda: False, seconds=10)


@pytest.mark.skipif(os.geteuid() != 0, reason="for root only")
def test_root_may_keep_its_data_in_a_closed_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "ROOTS_FOLDER", folder / "var")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    first = postgres.start(closed / "postgres")
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept ()")
    first.stop()
    assert (closed / "postgres/data/PG_VERSION").exists()
    second = postgres.start(closed / "postgres")
    with psycopg.connect(second.url) as connection:
        connection.execute("SELECT FROM kept")
    second.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="for root only")
def test_data_are_not_left_behind_when_a_folder_is_closed(folder: Path) -> None:
    data = folder / "data"
    postgres.start(data / "postgres").stop()
    data.chmod(0o700)
    with pytest.raises(ServerError, match="chmod o\\+x"):
        postgres.start(data / "postgres")
