"""The filter `saathi understand`: the readers first, the model for what they leave open."""

import io
import json
from datetime import date
from typing import Any

import pytest

from bot import understand_cli
from bot.understand_cli import Intent

TODAY = date(2026, 3, 5)
OPEN = "words that no reader knows"


def answers(*items: dict[str, Any], intent: Intent | None = None) -> list[Any]:
    lines = io.StringIO("\n".join(json.dumps(item) for item in items))
    out = io.StringIO()
    understand_cli.run(lines, out, TODAY, intent)
    return [json.loads(line)["got"] for line in out.getvalue().splitlines()]


def item(text: str, context: str = "none") -> dict[str, Any]:
    return {"id": "1", "lang": "en", "context": context, "text": text}


def test_what_the_readers_know_is_not_asked() -> None:
    def never(_: str, __: float) -> str:
        raise AssertionError("asked")

    given = [item("54", "age"), item("menu"), item(" ")]
    assert [got["kind"] for got in answers(*given, intent=never)] == [
        "answer",
        "command",
        "unclear",
    ]


@pytest.mark.parametrize(
    ("intent", "context", "got"),
    [
        ("cost", "age", {"kind": "command", "value": "cost"}),
        ("stop", "age", {"kind": "command", "value": "stop"}),
        ("greet", "age", {"kind": "command", "value": "greet"}),
        ("upload_done", "documents", {"kind": "answer", "value": "done"}),
        ("upload_done", "age", {"kind": "unclear"}),
        (None, "none", {"kind": "unclear"}),
    ],
)
def test_a_guess_goes_as_far_as_in_the_chat(intent: str | None, context: str, got: Any) -> None:
    assert answers(item(OPEN, context), intent=lambda *_: intent) == [got]


def test_without_a_model_it_is_unclear() -> None:
    assert answers(item(OPEN)) == [{"kind": "unclear"}]


def test_a_broken_line_is_unclear_and_the_next_one_is_read() -> None:
    out = io.StringIO()
    understand_cli.run(io.StringIO('{"id": \n[1]\n' + json.dumps(item("menu"))), out, TODAY)
    kinds = [json.loads(line)["got"]["kind"] for line in out.getvalue().splitlines()]
    assert kinds == ["unclear", "unclear", "command"]


@pytest.mark.slow
def test_the_trained_model_is_asked() -> None:
    with understand_cli.trained() as intent:
        assert intent("please let me talk to a real person", 0.0) == "human"
        assert intent("/restart", 0.0) != "restart"
