"""A real browser for tests: Debian's Chromium, or the one that `make setup` unpacked."""

import os
import shutil
from pathlib import Path

from playwright.async_api import Browser, Error, Playwright

UNPACKED = Path(__file__).parents[1] / ".build/chromium"
# As root, as in most containers, Chromium runs without its sandbox only.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]


def available() -> str | None:
    """None if there is a browser, or why there is none."""
    if _program().exists():
        return None
    return "No Chromium: run `python tools/setup.py core browser`, or install chromium."


async def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    try:
        return await _launch(playwright, {})
    except Error:
        # A bare machine lacks libraries that the unpacked Chromium brings along.
        return await _launch(playwright, _with_libraries())


async def _launch(playwright: Playwright, environment: dict[str, str]) -> Browser:
    env: dict[str, str | float | bool] = {**os.environ, **environment}
    program = str(_program())
    return await playwright.chromium.launch(executable_path=program, args=ARGUMENTS, env=env)


def _program() -> Path:
    return Path(shutil.which("chromium") or UNPACKED / "chromium")


def _with_libraries() -> dict[str, str]:
    found = os.environ.get("LD_LIBRARY_PATH", "")
    libraries = f"{UNPACKED / 'al2023/lib'}:{found}".rstrip(":")
    return {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(UNPACKED / "fonts")}
