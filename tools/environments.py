"""uv and the Python environments that it makes from the locks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from steps import BUILD, ROOT, UV, SetupError, fingerprint, once, run, write

Step = tuple[str, Callable[[], bool]]
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "tools/uv.lock"
VENV = ROOT / ".venv"
JUDGES_LOCK = ROOT / "tests/judges/requirements.lock"
JUDGES_VENV = ROOT / ".venv-judges"
# What pip is told in its own settings holds for uv as well.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
}
LAUNCHER = """\
#!/bin/sh
'''exec' "$(dirname "$(realpath "$0")")/python" "$0" "$@"
' '''
import sys

sys.path.insert(0, {root!r})
from bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def tools() -> bool:
    """uv, at a pinned version, in .tools."""
    return once("uv", fingerprint([UV_LOCK]), UV, _install_uv)


def environment() -> bool:
    """Saathi's own environment, exactly as locked."""
    return once("venv", fingerprint([LOCK]), VENV / "bin/python", lambda: _sync(VENV, LOCK))


def launcher() -> bool:
    """The command `saathi`, which runs this checkout."""
    file, text = VENV / "bin/saathi", LAUNCHER.format(root=str(ROOT))
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    write(file, text)
    file.chmod(0o755)
    return True


def judges() -> bool:
    """The environment in which Telegram's judge runs."""
    made = JUDGES_VENV / "bin/python"
    return once("judges", fingerprint([JUDGES_LOCK]), made, lambda: _sync(JUDGES_VENV, JUDGES_LOCK))


CORE: list[Step] = [
    ("uv, the installer", tools),
    ("Saathi's environment from requirements.lock", environment),
    ("the command .venv/bin/saathi", launcher),
]
JUDGES: list[Step] = [("the judges' environment", judges)]


def make_venv(venv: Path, python: str) -> None:
    """An environment for one Python, unless it is there and works."""
    if _works(venv / "bin/python"):
        return
    run([UV, "venv", "--quiet", "--clear", "--python", python, venv], uv_environment())


def uv_environment() -> dict[str, str]:
    """uv's settings, taken over from pip's own where uv has none."""
    pip = ROOT / ".tools/bin/python"
    listed = subprocess.run(
        [pip if pip.exists() else sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        if name := PIP_TO_UV.get(key.rpartition(".")[2]):
            found[name] = " ".join(value.strip("'\"").split())
    if "UV_INDEX" in found:
        # As pip does it. Safe here: every file is held against the hash in the lock.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {key: value for key, value in found.items() if key not in os.environ}


def _sync(venv: Path, lock: Path) -> None:
    make_venv(venv, _this_python())
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--compile-bytecode"]
    run([UV, "pip", "sync", *options, "--python", venv / "bin/python", lock], uv_environment())


def _this_python() -> str:
    """The Python that runs this, where Saathi supports it."""
    return sys.executable if sys.version_info[:2] <= (3, 13) else ">=3.11,<3.14"


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


def _install_uv() -> None:
    venv = ROOT / ".tools"
    install: list[str | Path] = [
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "-r",
        UV_LOCK,
    ]
    try:
        if not _works(venv / "bin/python"):
            run([sys.executable, "-m", "venv", "--clear", venv])
        run([venv / "bin/python", "-m", "pip", *install])
    except SetupError as error:
        _link_uv(_uv_on_path(error))


def _uv_on_path(error: SetupError) -> Path:
    """A uv that the machine has already; Debian's Python comes without venv and pip."""
    for folder in os.get_exec_path():
        if os.access(Path(folder) / "uv", os.X_OK):
            return Path(folder) / "uv"
    raise SetupError(
        f"{error}\nThis Python cannot make an environment. Either `apt install python3-venv`, "
        "or install uv, and run this again."
    )


def _link_uv(found: Path) -> None:
    UV.parent.mkdir(parents=True, exist_ok=True)
    BUILD.mkdir(exist_ok=True)
    UV.unlink(missing_ok=True)
    UV.symlink_to(found)
