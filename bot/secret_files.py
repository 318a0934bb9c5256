"""Secrets that the operator did not set: made once, kept in data_dir, readable by us only."""

import base64
import os
import secrets
from pathlib import Path

from pydantic import SecretStr


def secret(folder: Path, name: str, given: SecretStr | None = None) -> str:
    """The operator's value, or ours from `<folder>/<name>`, made at first use."""
    if given and given.get_secret_value():
        return given.get_secret_value()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        _write(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="))
    return path.read_text(encoding="ascii").strip()


def _write(path: Path, value: str) -> None:
    # Two processes may start at once: the first file wins, whole.
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def master_key(folder: Path, given: SecretStr) -> bytes:
    """The operator's master key: 32 bytes; ValueError when it has another length."""
    text = secret(folder, "master", given)
    key = base64.urlsafe_b64decode(
        text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)
    )
    if len(key) != 32:
        raise ValueError("keys.master must be base64 of 32 bytes")
    return key
