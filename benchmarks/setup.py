"""The environments of the peers and of the driver, made once under .build/bench."""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
ENVIRONMENTS = ROOT / ".build/bench/environments"
UV = ROOT / ".tools/bin/uv"


def environment(peer: str) -> Path:
    """The folder of a peer's environment, made if it is missing or out of date."""
    folder = ENVIRONMENTS / peer
    source = _source(peer)
    if source is None:
        return ROOT / ".venv"
    stamp, mark = folder / "made-of", sha256(source.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != mark:
        shutil.rmtree(folder, ignore_errors=True)
        _npm(folder, source) if source.suffix == ".json" else _uv(folder, source)
        stamp.write_text(mark, "utf-8")
    return folder


def _source(peer: str) -> Path | None:
    """What a peer is made of; None for Saathi, which runs in this checkout's own."""
    if peer == "driver":
        return HERE / "requirements.txt"
    found = [HERE / "peers" / peer / name for name in ("requirements.txt", "package.json")]
    return next((file for file in found if file.exists()), None)


def _uv(folder: Path, requirements: Path) -> None:
    python = folder / "bin/python"
    _run(UV, "venv", "--quiet", "--python", ROOT / ".venv/bin/python", folder)
    _run(UV, "pip", "install", "--quiet", "--python", python, "-r", requirements)


def _npm(folder: Path, package: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(package, folder)
    _run(_npm_command(), "install", "--silent", "--no-audit", "--no-fund", cwd=folder)


def _npm_command() -> str:
    found = shutil.which("npm")
    if not found:
        raise SystemExit("The peer grammy needs Node and npm on PATH; leave it out with --peers.")
    return found


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd, env=dict(os.environ))


if __name__ == "__main__":
    for folder in sorted((HERE / "peers").iterdir()):
        if (folder / "peer.yml").exists():
            environment(folder.name)
    environment("driver")
