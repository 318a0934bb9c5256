"""The filter `saathi understand`: one JSON object a line in, its meaning out."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from bot.embedded import rasa as embedded
from bot.rasa import Rasa
from bot.understand import least_for, needed, settled, weighed
from nlu import understand
from nlu.meaning import Answer, Command, Meaning
from nlu.reader import parse_context

UNCLEAR = {"kind": "unclear"}
PATIENCE = 120.0
Intent = Callable[[str, float], str | None]


def run(lines: IO[str], out: IO[str], today: date, intent: Intent | None = None) -> None:
    """Read lines until the end; a line that cannot be read is unclear, never a crash.

    `intent` is asked where the readers leave a text open.
    """
    for line in lines:
        if line.strip():
            out.write(json.dumps(_answer(line, today, intent), ensure_ascii=False) + "\n")
            out.flush()


def _answer(line: str, today: date, intent: Intent | None) -> dict[str, Any]:
    try:
        given = json.loads(line)
        name = given.get("id")
    except (ValueError, AttributeError):
        return {"id": None, "got": UNCLEAR}
    try:
        return {"id": name, "got": shown(meaning(given, today, intent))}
    except (TypeError, ValueError, AttributeError):
        return {"id": name, "got": UNCLEAR}


def meaning(given: dict[str, Any], today: date, intent: Intent | None = None) -> Meaning:
    """What one line means: the readers first, then `intent`, as in the chat."""
    context = parse_context(str(given.get("context") or "none"))
    lang, chat = str(given.get("lang") or "en"), str(given.get("session_lang") or "")
    text = str(given.get("text") or "")
    found = understand(text, context, lang, today, chat)
    if settled(found) or not intent or not text.strip():
        return found
    guess = intent(text, needed(found, least_for(text, context, lang)))
    return weighed(found, guess, records=context.kind == "documents")


def shown(meaning: Meaning) -> dict[str, Any]:
    """A meaning as in docs/understanding.md."""
    match meaning:
        case Command(name):
            return {"kind": "command", "value": name}
        case Answer(value):
            return {"kind": "answer", "value": value}
    return UNCLEAR


@contextmanager
def trained() -> Iterator[Intent]:
    """Rasa with today's model, started at the first text that needs it; nobody where it fails."""
    with asyncio.Runner() as runner, TemporaryDirectory() as folder:
        guess = _Guess(Path(folder), runner)
        try:
            yield guess
        finally:
            runner.run(guess.stack.aclose())


class _Guess:
    def __init__(self, folder: Path, runner: asyncio.Runner) -> None:
        self._folder, self._runner = folder, runner
        self._rasa: Rasa | None = None
        self.stack = AsyncExitStack()

    def __call__(self, text: str, least: float = 0.0) -> str | None:
        self._rasa = self._rasa or self._runner.run(self._start())
        return self._runner.run(self._rasa.intent(text, least))

    async def _start(self) -> Rasa:
        server = embedded.start(self._folder, lambda _: None)
        self.stack.callback(server.stop)
        rasa = Rasa(server.url, server.token)
        self.stack.push_async_callback(rasa.close)
        end = time.monotonic() + PATIENCE
        while server.alive() and time.monotonic() < end and not await rasa.alive():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return rasa
