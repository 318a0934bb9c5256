"""The container files, as far as they can be checked without an engine."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from tests.servers import S3, Servers, free_port

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv/bin"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = ("web", "worker", "migrate")
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|MASTER|KEY$")
FROM_OUTSIDE = re.compile(r"^\$\{[A-Z0-9_]+(:\?|:-)\}$")


def passes(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_follows_its_schema() -> None:
    schema = "vendor.compose-spec"
    passes(BIN / "check-jsonschema", "--builtin-schema", schema, "docker-compose.yml")


def test_the_dockerfile_is_sound() -> None:
    passes(BIN / "hadolint", "Dockerfile")


def test_shell_scripts_are_sound() -> None:
    passes(BIN / "shellcheck", ".ci/run")


def test_all_parts_are_there() -> None:
    assert {"web", "worker", "rasa", "valkey", "postgres", "seaweedfs", "migrate"} <= set(SERVICES)


def test_every_part_that_stays_has_a_health_check() -> None:
    assert [name for name, part in SERVICES.items() if "healthcheck" not in part] == ["migrate"]


def test_no_secret_is_inside() -> None:
    for part in SERVICES.values():
        for name, value in part.get("environment", {}).items():
            if SECRET.search(name) and name != "AWS_ACCESS_KEY_ID":
                assert FROM_OUTSIDE.match(value), name
    assert not re.search(r"\b(ENV|ARG)\b[^\n]*(PASSWORD|TOKEN|SECRET|KEY)", DOCKERFILE)


def test_what_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^([A-Z0-9_]+)=$", (ROOT / ".env.example").read_text(), re.M))
    assert asked == offered


def test_our_settings_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.settings import load

    for name, value in SERVICES["web"]["environment"].items():
        if name.startswith("SAATHI_"):
            monkeypatch.setenv(name, FROM_OUTSIDE.sub("x", value))
    assert load(None).documents.url == "s3://saathi/documents"


@pytest.mark.parametrize("service", OURS)
def test_each_command_exists(service: str) -> None:
    from bot.cli import cli

    program, command = SERVICES[service]["command"]
    assert program == "saathi"
    assert command in get_command(cli).commands  # type: ignore[attr-defined]


def test_images_run_as_nobody_special() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    final = [stage for stage in stages if re.match(r"\S+ AS (app|nlu)\n", stage)]
    assert len(final) == 2
    assert all(re.search(r"^USER [1-9]\d+$", stage, re.M) for stage in final)


def test_what_the_image_copies_is_let_in_and_exists() -> None:
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M))
    for copied in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.M):
        assert (ROOT / copied).exists(), copied
        assert any(copied == part or copied.startswith(f"{part}/") for part in let_in), copied


@contextmanager
def running(service: str, environment: dict[str, str], folder: Path) -> Iterator[None]:
    """One of our services, by compose's own command."""
    _, *arguments = SERVICES[service]["command"]
    with (folder / f"{service}.log").open("w") as log:
        process = subprocess.Popen(
            [BIN / "saathi", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield
            assert process.poll() is None, (folder / f"{service}.log").read_text()[-3000:]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(address: str, seconds: float) -> dict[str, Any] | None:
    """What it says once it says 200."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return dict(json.load(response))
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.2)
    return None


@pytest.mark.slow
def test_the_processes_run_by_composes_own_commands(
    servers: Servers, valkey_url: str, postgres_url: str, s3: S3, tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SAATHI_DATA_DIR": str(tmp_path / "data"),
        "SAATHI_REDIS__URL": valkey_url,
        "SAATHI_DATABASE__URL": postgres_url,
        "SAATHI_DOCUMENTS__URL": f"s3://{s3.bucket}/documents",
        "SAATHI_DOCUMENTS__ENDPOINT_URL": s3.endpoint,
        "SAATHI_DOCUMENTS__REGION": s3.region,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "SAATHI_WEB__PORT": str(port),
        "SAATHI_RASA__ENABLED": "false",
    }
    migrate = [BIN / "saathi", *SERVICES["migrate"]["command"][1:]]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, timeout=60)
    with running("worker", environment, tmp_path), running("web", environment, tmp_path):
        assert answers(f"http://127.0.0.1:{port}/health/ready", 30) is not None
