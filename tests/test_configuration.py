"""config.yml names every setting, as a value or as a comment, and holds the defaults."""

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bot.settings import Settings, load

FILE = Path(__file__).parents[1] / "config.yml"


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SAATHI_")]:
        monkeypatch.delenv(name)


def leaves(model: type[BaseModel]) -> Iterator[tuple[str, bool]]:
    """Every key, and whether it is a secret."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind)
        else:
            yield name, kind is SecretStr


def test_the_file_holds_the_defaults() -> None:
    assert load(FILE) == Settings()


def test_every_key_is_there() -> None:
    text = FILE.read_text(encoding="utf-8")
    missing = [
        name for name, _ in leaves(Settings) if not re.search(rf"^\s*#? ?{name}:", text, re.M)
    ]
    assert missing == []


def test_secrets_are_comments_only() -> None:
    text = FILE.read_text(encoding="utf-8")
    secret = {name for name, is_secret in leaves(Settings) if is_secret}
    assert [name for name in secret if re.search(rf"^\s*{name}:", text, re.M)] == []


def test_every_value_is_explained() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    open_values = ("port:", "region:", "name:", "fee:")  # say it themselves
    unexplained = []
    for before, line in pairwise(lines):
        value = re.match(r"^\s*[a-z_]+: \S", line)
        if (
            value
            and not before.strip().startswith("#")
            and not line.strip().startswith(open_values)
        ):
            unexplained.append(line.strip())
    assert unexplained == ["keys: {}"]
