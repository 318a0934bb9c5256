"""Rasa's own environment on Python 3.10, and a model trained from our data."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from environments import Step, make_venv, uv_environment
from steps import BUILD, ROOT, UV, SetupError, fingerprint, once, run, write

NLU = ROOT / "nlu"
LOCK = NLU / "requirements.lock"
VENV = ROOT / ".venv-nlu"
MODELS = BUILD / "models"
CURRENT = MODELS / "current"
# These three were never published as wheels: docs/adr/0013-rasa-in-its-own-environment.md
SOURCES = {"docopt", "mattermostwrapper", "randomname"}
RASA = {
    "PYTHONPATH": str(NLU / "components"),
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_CACHE_DIRECTORY": str(BUILD / "rasa-cache"),
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
NEEDS = "import sys; sys.exit(sys.version_info[:2] != (3, 10))"


class NoPython310(SetupError):
    """Rasa 3.6 needs Python 3.10, and it is neither here nor to be had."""


def environment() -> bool:
    """Rasa 3.6.21, exactly as locked."""
    return once("nlu", fingerprint([LOCK]), VENV / "bin/rasa", _install)


def model() -> bool:
    """A model for this very data, pipeline and Rasa; trained once, then kept."""
    name = model_name()
    trained = MODELS / f"{name}.tar.gz"
    if trained.exists() and CURRENT.exists() and CURRENT.read_text() == name:
        return False
    if not trained.exists():
        _train(trained)
    write(CURRENT, name)
    return True


def model_name() -> str:
    """A name for all that a model depends on."""
    parts = [*NLU.glob("training/*.yml"), *NLU.glob("components/*.py")]
    return fingerprint([*parts, NLU / "pipeline.yml", LOCK])


STEPS: list[Step] = [
    ("Rasa's environment (large: about 2.5 GB)", environment),
    ("Rasa's model", model),
]


def _install() -> None:
    make_venv(VENV, _python_310())
    options = ["--quiet", "--require-hashes", "--compile-bytecode"]
    for package in sorted(_locked() - SOURCES):
        options += ["--only-binary", package]
    run([UV, "pip", "sync", *options, "--python", VENV / "bin/python", LOCK], uv_environment())


def _locked() -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE))


def _train(trained: Path) -> None:
    unfinished = MODELS / f"training-{os.getpid()}"
    rasa: list[str | Path] = [
        VENV / "bin/python",
        "-m",
        "rasa",
        "train",
        "nlu",
        "--config",
        NLU / "pipeline.yml",
    ]
    rasa += ["--nlu", NLU / "training", "--out", unfinished, "--fixed-model-name", "model"]
    try:
        run(rasa, RASA)
        (unfinished / "model.tar.gz").rename(trained)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _python_310() -> str:
    """A real Python 3.10, fetched by uv if none is here."""
    for candidate in _candidates():
        if _is_310(candidate):
            return candidate
    try:
        run([UV, "python", "install", "--quiet", "3.10"], uv_environment())
        return run([UV, "python", "find", "3.10"]).strip()
    except SetupError:
        raise NoPython310(
            "Rasa needs Python 3.10, which is not here and could not be fetched. Saathi runs "
            "without it: taps, numbers and plain words work, free sentences are asked again."
        ) from None


def _candidates() -> list[str]:
    # By hand, because uv stops at pyenv's shims, which are scripts.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [str(path) for path in sorted(pyenv.glob("versions/3.10*/bin/python"), reverse=True)]
    found += [path for path in [shutil.which("python3.10")] if path]
    asked = subprocess.run(
        [UV, "python", "find", "--no-python-downloads", "3.10"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [*found, *asked.stdout.split("\n")[:1]]


def _is_310(python: str) -> bool:
    if not python:
        return False
    try:
        return (
            subprocess.run([python, "-c", NEEDS], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False
