"""The domain's own files (`flows/domain/*.yml`), read once."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `flows/domain/<name>.yml`."""
    text = files("flows").joinpath("domain", f"{name}.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


LANGUAGES: tuple[str, ...] = tuple(table("intake")["languages"])

OWN_NAMES = {
    "en": "English",
    "hi": "हिन्दी",
    "bn": "বাংলা",
    "te": "తెలుగు",
    "mr": "मराठी",
    "ta": "தமிழ்",
    "gu": "ગુજરાતી",
    "ur": "اردو",
    "kn": "ಕನ್ನಡ",
    "or": "ଓଡ଼ିଆ",
    "ml": "മലയാളം",
    "pa": "ਪੰਜਾਬੀ",
    "as": "অসমীয়া",
}
