"""The filter `saathi understand`: one JSON object a line in, its meaning out."""

import json
from datetime import date
from typing import IO, Any

from nlu import understand
from nlu.meaning import Answer, Command, Meaning
from nlu.reader import parse_context

UNCLEAR = {"kind": "unclear"}


def run(lines: IO[str], out: IO[str], today: date) -> None:
    """Read lines until the end; a line that cannot be read is unclear, never a crash."""
    for line in lines:
        if line.strip():
            out.write(json.dumps(_answer(line, today), ensure_ascii=False) + "\n")
            out.flush()


def _answer(line: str, today: date) -> dict[str, Any]:
    try:
        given = json.loads(line)
        name = given.get("id")
    except (ValueError, AttributeError):
        return {"id": None, "got": UNCLEAR}
    try:
        return {"id": name, "got": shown(_meaning(given, today))}
    except (TypeError, ValueError, AttributeError):
        return {"id": name, "got": UNCLEAR}


def _meaning(given: dict[str, Any], today: date) -> Meaning:
    context = parse_context(str(given.get("context") or "none"))
    lang, chat = str(given.get("lang") or "en"), str(given.get("session_lang") or "")
    return understand(str(given.get("text") or ""), context, lang, today, chat)


def shown(meaning: Meaning) -> dict[str, Any]:
    """A meaning as in docs/understanding.md."""
    match meaning:
        case Command(name):
            return {"kind": "command", "value": name}
        case Answer(value):
            return {"kind": "answer", "value": value}
    return UNCLEAR
