"""tools/setup.py: quick when nothing changed, and safe when it was interrupted."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tools"))

import environments  # noqa: E402
import steps  # noqa: E402
import understanding  # noqa: E402


def test_what_is_there_costs_nothing_and_says_nothing() -> None:
    if not (ROOT / ".build/stamps/venv").exists():
        pytest.skip("set up in another way")
    command = [sys.executable, str(ROOT / "tools/setup.py"), "core"]
    best = 9.0
    for _ in range(3):
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        best = min(best, time.monotonic() - begun)
        assert done.stdout == ""
    assert best < 1


def test_an_unknown_part_is_named() -> None:
    command = [sys.executable, str(ROOT / "tools/setup.py"), "everything"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "Unknown part: everything" in done.stderr


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "BUILD", tmp_path)
    return tmp_path


def test_work_is_done_once_for_each_version(build: Path) -> None:
    made, done = build / "made", list[str]()

    def work() -> None:
        made.touch()
        done.append("work")

    for version in ("1", "1", "2", "2"):
        steps.once("part", version, made, work)
    made.unlink()
    steps.once("part", "2", made, work)
    assert len(done) == 3


def test_interrupted_work_is_done_again(build: Path) -> None:
    made = build / "made"
    made.touch()
    steps.once("part", "1", made, made.touch)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.once("part", "2", made, interrupted)
    assert steps.once("part", "1", made, made.touch)


def test_a_failed_command_says_its_last_words() -> None:
    with pytest.raises(steps.SetupError, match="no space left"):
        steps.run([sys.executable, "-c", "import sys; sys.exit('no space left')"])


def test_a_model_is_named_after_all_it_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nlu = tmp_path / "nlu"
    for name in ("training/en.yml", "components/a.py", "pipeline.yml", "requirements.lock"):
        (nlu / name).parent.mkdir(parents=True, exist_ok=True)
        (nlu / name).write_text("one")
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(understanding, "NLU", nlu)
    monkeypatch.setattr(understanding, "LOCK", nlu / "requirements.lock")
    names = {understanding.model_name()}
    for file in nlu.rglob("*.*"):
        file.write_text("two")
        names.add(understanding.model_name())
    assert len(names) == 5


def test_pips_own_settings_hold_for_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("PIP_CERT", "/etc/own.pem")
    found = environments.uv_environment()
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["SSL_CERT_FILE"] == "/etc/own.pem"


LOCKS = (
    "requirements.lock",
    "requirements-run.lock",
    "nlu/requirements.lock",
    "tests/judges/requirements.lock",
    "tools/uv.lock",
)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)


def test_locks_name_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_production_runs_what_was_tested() -> None:
    locked, run = (
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.M))
        for name in ("requirements.lock", "requirements-run.lock")
    )
    assert run < locked
