"""The judge: aiogram's models of the Bot API say whether a call or an update is real."""

from typing import Any

import aiogram.methods
from aiogram.types import Update

_NOT_METHODS = ("Request", "Response", "TelegramMethod")


class Refusal(Exception):
    """What Telegram answers instead of a result."""

    def __init__(self, code: int, text: str, **parameters: Any) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.parameters = parameters


def _models() -> dict[str, Any]:
    names = [name for name in aiogram.methods.__all__ if name not in _NOT_METHODS]
    return {n[0].lower() + n[1:]: getattr(aiogram.methods, n) for n in names}


METHODS = _models()


def judge(method: str, params: dict[str, Any], files: dict[str, Any]) -> None:
    """Refuse an unknown method, an unknown parameter, a missing or wrongly typed one."""
    model = METHODS.get(method)
    if not model:
        raise Refusal(404, "Not Found: method not found")
    asked = {**{name: f"attach://{name}" for name in files}, **params}
    known = {field.alias or name for name, field in model.model_fields.items()}
    if unknown := set(asked) - known - set(files):
        raise Refusal(
            400, f"Bad Request: unknown parameters {sorted(unknown)} (only the fake says so)"
        )
    try:
        model.model_validate(asked)
    except ValueError as error:
        raise Refusal(400, "Bad Request: " + " ".join(str(error).split())[:300]) from None


def judge_update(update: dict[str, Any]) -> None:
    """Our own updates must be real ones too: anything else is a fault of the fake."""
    Update.model_validate(update)
