"""The domain's own files (`flows/domain/*.yml`), read once."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nlu import KNOWN


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `flows/domain/<name>.yml`."""
    text = files("flows").joinpath("domain", f"{name}.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


LANGUAGES: tuple[str, ...] = tuple(table("intake")["languages"])

OWN_NAMES = {code: KNOWN[code]["own"] for code in LANGUAGES}
