"""Whole talks as files that people who do not program can review.

A file is a list of turns: what the person does (`you`, `tap`, `row`, `photos`, `pdf`) and
what the bot answers, to the byte. `make golden` accepts a change; the diff is reviewed.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels import Reply
from tests.talk import TELEGRAM, WHATSAPP, Talk

FOLDER = Path(__file__).parent / "dialogues"
FILES = sorted(FOLDER.glob("*.yml"))
LIMITS = {"whatsapp": WHATSAPP, "telegram": TELEGRAM}


class Block(str):
    """Text of several lines, shown as such in the file."""


class Dumper(yaml.SafeDumper):
    """Readable YAML: long texts as blocks, lists of taps on one line."""


class Row(list[str]):
    """A short list, on one line."""


Dumper.add_representer(
    Block, lambda d, text: d.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)
Dumper.add_representer(
    Row, lambda d, row: d.represent_sequence("tag:yaml.org,2002:seq", row, flow_style=True)
)


def shown(reply: Reply) -> dict[str, Any]:
    """One bubble as the file shows it."""
    text = Block(reply.text) if "\n" in reply.text else reply.text
    bubble: dict[str, Any] = {"says": text}
    if reply.buttons:
        bubble["rows" if reply.as_list else "taps"] = Row(b.title for b in reply.buttons)
    return bubble


def act(talk: Talk, turn: dict[str, Any]) -> list[Reply]:
    """What the person does in one turn."""
    match turn:
        case {"you": text}:
            return talk.say(str(text))
        case {"tap": title}:
            return talk.tap(str(title))
        case {"row": title}:
            return talk.find(str(title))
        case {"photos": names}:
            talk.verdicts = list(turn.get("verdicts", []))
            return talk.send(*names)
        case {"pdf": name}:
            return talk.send(str(name), mime="application/pdf")
    raise AssertionError(f"nobody can do {turn}")


def replay(story: dict[str, Any]) -> dict[str, Any]:
    """The same talk today."""
    talk = Talk(limits=LIMITS[story.get("channel", "whatsapp")])
    turns = []
    for turn in story["talk"]:
        done = {key: value for key, value in turn.items() if key != "bot"}
        turns.append({**done, "bot": [shown(reply) for reply in act(talk, done)]})
    return {**story, "talk": turns}


def text_of(story: dict[str, Any]) -> str:
    """The file's text."""
    return yaml.dump(story, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=100)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_talk_is_as_recorded(file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    now = text_of(replay(yaml.safe_load(before)))
    if os.environ.get("SAATHI_GOLDEN") == "accept":
        file.write_text(now, encoding="utf-8")
        return
    assert now == before, "the dialogue changed: `make golden` accepts it; read the diff"


def test_there_are_talks() -> None:
    assert len(FILES) >= 6
