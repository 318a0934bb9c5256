"""The patient of the benchmark still understands Saathi; what is published was measured."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from benchmarks.__main__ import ROWS, table
from bot.channels import Reply
from tests.talk import TELEGRAM, Talk

ROOT = Path(__file__).parents[1]
PLAYED: dict[str, Any] = yaml.safe_load(
    (ROOT / "benchmarks/peers/saathi/dialogue.yml").read_text(encoding="utf-8")
)


def answered(talk: Talk, said: list[Reply], number: int) -> str:
    """The question that the driver finds in these bubbles, answered as the driver does."""
    text = "\n".join(reply.text for reply in said)
    (asked,) = [one for one in PLAYED["questions"] if re.search(one["expect"], text, re.M)]
    if "press" in asked:
        (title,) = [t for t in talk.titles if re.search(asked["press"], t)]
        talk.tap(title)
    else:
        answers = asked["answers"]
        talk.say(answers[number % len(answers)].format(n=number))
    return str(asked["key"])


def test_the_patient_of_the_benchmark_gets_to_the_end() -> None:
    for number in range(4):
        talk = Talk(limits=TELEGRAM)
        talk.say(PLAYED["start"])
        keys, seen = [], 0
        while PLAYED["done"] not in talk.replies[-1].text:
            said, seen = talk.replies[seen:], len(talk.replies)
            keys.append(answered(talk, said, number))
        assert keys == [one["key"] for one in PLAYED["questions"]]


def test_the_published_table_is_that_of_the_results() -> None:
    lines = (ROOT / "benchmarks/results.jsonl").read_text(encoding="utf-8").splitlines()
    results = [json.loads(line) for line in lines]
    assert {(one["chats"], one["latency_ms"]) for one in results} == set(ROWS)
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert table(results).strip() in page
