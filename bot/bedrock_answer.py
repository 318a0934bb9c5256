"""What the stronger reader may say to a question, as a JSON schema and as a check of our own."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from nlu import CASE_TYPES
from nlu.ages import OLDEST
from nlu.data import LANGUAGES
from nlu.meaning import Answer, Command, Context, Meaning, Unclear
from nlu.relative_dates import EARLIEST

TOOL = "report"
# Alarms, a stop and erasing never depend on a model that may be away.
NEVER = frozenset({"emergency", "crisis", "stop", "delete_data"})
COMMANDS = (
    "menu", "back", "repeat", "skip", "why", "human", "language", "status", "help", "cost",
    "time", "privacy", "credentials", "book_followup", "thanks", "greet", "medical_advice",
)  # fmt: skip
FIXED = {
    "yesno": ("yes", "no"),
    "sex": ("female", "male", "other"),
    "cancer_type": tuple(CASE_TYPES),
}
ASKED = frozenset({"none", "choice", "choices", "age", "date", "future_date", *FIXED})
_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
# A planned treatment lies not further ahead.
_YEARS_AHEAD = 10


def may_be_asked(context: Context) -> bool:
    """Whether a question is one that a model may read answers to."""
    if context.kind not in ASKED:
        return False
    if context.kind not in ("choice", "choices"):
        return True
    # Rows with a yes are how consents and erasing are asked where there is more than yes and no.
    return bool(rows(context)) and "yes" not in context.ids


def rows(context: Context) -> tuple[str, ...]:
    """The values that an answer may have, where they can be listed."""
    listed = context.ids if context.kind in ("choice", "choices") else FIXED.get(context.kind, ())
    return tuple(row for row in dict.fromkeys(listed) if row not in NEVER)


def schema(context: Context) -> dict[str, Any]:
    """What the tool takes, as narrow as JSON schema can say it."""
    kinds = ["command", "unclear"] if context.kind == "none" else ["answer", "command", "unclear"]
    properties: dict[str, Any] = {
        "kind": {"type": "string", "enum": kinds},
        "command": {"type": "string", "enum": list(COMMANDS)},
        "language": {"type": "string", "enum": list(LANGUAGES)},
    }
    if context.kind != "none":
        properties["answer"] = _value(context)
    return {
        "type": "object",
        "properties": properties,
        "required": ["kind"],
        "additionalProperties": False,
    }


def _value(context: Context) -> dict[str, Any]:
    match context.kind:
        case "age":
            return {"type": "integer", "minimum": 0, "maximum": OLDEST}
        case "date" | "future_date":
            return {"type": "string", "pattern": _DATE}
    one = {"type": "string", "enum": list(rows(context))}
    if context.kind == "choices":
        return {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
    return one


def checked(given: Mapping[str, Any], context: Context, today: date) -> Meaning:
    """What was reported, if it is exactly what may be said; the schema alone binds no model."""
    match dict(given):
        case {"kind": "answer", "answer": value, **rest} if not rest:
            return Answer(value, context.kind) if _fits(value, context, today) else Unclear()
        case {"kind": "command", "command": str(name), **rest} if name in COMMANDS and not rest:
            return Command(name)
        case {"kind": "command", "command": "language", "language": str(code), **rest}:
            return Command("language", code) if code in LANGUAGES and not rest else Unclear()
    return Unclear()


def _fits(value: Any, context: Context, today: date) -> bool:
    match context.kind:
        case "age":
            return type(value) is int and 0 <= value <= OLDEST
        case "date" | "future_date":
            return isinstance(value, str) and _is_date(value, context.kind, today)
        case "choices":
            return isinstance(value, list) and _are_rows(value, rows(context))
    return isinstance(value, str) and value in rows(context)


def _are_rows(values: list[Any], known: tuple[str, ...]) -> bool:
    if not values or not all(isinstance(each, str) and each in known for each in values):
        return False
    # 'None of these' beside one of these is no answer.
    return len(set(values)) == len(values) and (len(values) == 1 or "none" not in values)


def _is_date(value: str, kind: str, today: date) -> bool:
    if not re.fullmatch(_DATE, value):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        return False
    now, year = today.isoformat()[: len(value)], int(value[:4])
    if kind == "future_date":
        return value >= now and year <= today.year + _YEARS_AHEAD
    return value <= now and year >= EARLIEST
