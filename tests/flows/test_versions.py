"""A deploy with questions added, removed or reordered: no running chat ends, restarts or loses."""

import copy
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from bot import turns
from flows import steps as step_module
from flows import walk
from flows.conversation import FLOW_VERSION, Conversation
from flows.data import table
from flows.effects import Say
from flows.steps import steps
from flows.versions import PLACES, current
from tests.fakes import FakeChannel, fake_app
from tests.storage.test_mailbox import hello
from tests.talk import START, Talk
from tests.test_dialogues import FOLDER, LIMITS, act

RECORDED = Path(__file__).parent / "versions"
STORIES = ("english", "hindi", "later")
REMOVED, ADDED = ("patient_name", "hospital"), "sex"
ACCEPT = os.environ.get("SAATHI_GOLDEN") == "accept"


@dataclass
class Moment:
    """Where a talk stood, and what the person did then."""

    story: str
    state: Conversation
    act: dict[str, Any]


def shape() -> dict[str, Any]:
    """What of the form a conversation depends on."""
    return {name: [step.kind, *step.options] for name, step in steps().items()}


def played(name: str) -> Iterator[dict[str, Any]]:
    """A golden dialogue, state by state."""
    story = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    talk = Talk(limits=LIMITS[story.get("channel", "whatsapp")])
    for turn in story["talk"]:
        done = {key: value for key, value in turn.items() if key != "bot"}
        state = msgspec.to_builtins(talk.conversation)
        yield {"story": name, "state": state, "act": done}
        act(talk, done)


def file(version: int) -> Path:
    return RECORDED / f"{version}.json.gz"


def recorded(version: int) -> tuple[dict[str, Any], list[Moment]]:
    """The form of a version, and its talks."""
    kept = json.loads(gzip.decompress(file(version).read_bytes()))
    moments = [
        Moment(one["story"], msgspec.convert(one["state"], Conversation), one["act"])
        for one in kept["moments"]
    ]
    return kept["shape"], moments


def record() -> None:
    moments = [moment for name in STORIES for moment in played(name)]
    text = json.dumps({"shape": shape(), "moments": moments}, ensure_ascii=False)
    RECORDED.mkdir(exist_ok=True)
    file(FLOW_VERSION).write_bytes(gzip.compress(text.encode(), mtime=0))


def test_this_version_is_recorded() -> None:
    if ACCEPT and not file(FLOW_VERSION).exists():
        record()
    assert file(FLOW_VERSION).exists(), "`make golden` records the talks of this version"
    assert recorded(FLOW_VERSION)[0] == shape(), (
        "the form has changed: raise FLOW_VERSION in flows/conversation.py, write a migration in"
        " flows/versions.py where an answer changed its name or shape, and run `make golden`"
    )


VERSIONS = sorted(int(each.name.split(".")[0]) for each in RECORDED.glob("*.json.gz"))


def every_moment() -> list[Any]:
    return [
        pytest.param(moment, id=f"{version}-{moment.story}-{n}-{moment.state.step}")
        for version in VERSIONS
        for n, moment in enumerate(recorded(version)[1])
    ]


def goes_on(moment: Moment, answers: dict[str, dict[str, Any]]) -> Talk:
    """The talk from there to the end, by somebody who answers as before."""
    state = current(moment.state, START.date(), version=FLOW_VERSION + 1)
    talk = Talk(conversation=replace(state, flow_version=FLOW_VERSION))
    talk.count = 1000  # later than all that was recorded
    kept = dict(state.case.answers) if state.cases else {}
    talk.say("menu" if state.step == "home" else "repeat")
    for _ in range(120):
        if talk.conversation.cases and talk.conversation.case.status == "received":
            break
        answer(talk, answers)
    now = talk.conversation.case
    assert now.status == "received", (talk.conversation.step, talk.replies[-1].text)
    lost = [name for name in kept if name not in now.answers and name in steps()]
    assert lost == []
    return talk


def place(state: Conversation) -> str:
    """A step, and what is asked within it."""
    return " ".join((state.step, *sorted(state.detail)))


def answer(talk: Talk, answers: dict[str, dict[str, Any]]) -> None:
    """As before, or, to a new question, the first thing offered."""
    known = answers.get(place(talk.conversation)) or answers.get(talk.conversation.step)
    for done in ("Done", "Go on", "Send now"):
        if talk.conversation.step in ("records", "review") and done in talk.titles:
            known = {"tap": done}
    other = {"tap": talk.titles[0]} if talk.titles else {"you": "skip"}
    try:
        act(talk, known or other)
    except (AssertionError, IndexError):
        act(talk, other)


@pytest.fixture
def answers() -> dict[str, dict[str, Any]]:
    """What the daughter of the English story answers to each step."""
    found: dict[str, dict[str, Any]] = {}
    for one in played("english"):
        state = msgspec.convert(one["state"], Conversation)
        found.setdefault(state.step, one["act"])
        found.setdefault(place(state), one["act"])
    return found


def unfinished(moment: Moment) -> bool:
    state = moment.state
    return bool(state.language) and not (state.cases and state.case.status != "draft")


@pytest.mark.parametrize("moment", every_moment())
def test_every_recorded_moment_stands_where_it_stood(moment: Moment) -> None:
    after = current(moment.state, START.date())
    assert after.step in PLACES | steps().keys()
    assert after.language == moment.state.language
    assert len(after.cases) == len(moment.state.cases)
    for before, now in zip(moment.state.cases, after.cases, strict=True):
        assert now.status == before.status
        assert before.answers.keys() & steps().keys() <= now.answers.keys()
    if moment.state.step in PLACES | steps().keys() and moment.state.step != "review":
        assert after.step == moment.state.step


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The sections of the form, for a test to change."""
    sections: list[dict[str, Any]] = copy.deepcopy(table("intake")["sections"])
    real = table
    changed = {"intake": {"sections": sections}}
    monkeypatch.setattr(step_module, "table", lambda name: changed.get(name) or real(name))
    forget()
    yield sections
    monkeypatch.undo()
    forget()


def forget() -> None:
    steps.cache_clear()
    walk.order.cache_clear()


def english() -> list[Moment]:
    moments = recorded(FLOW_VERSION)[1]
    return [one for one in moments if one.story == "english" and unfinished(one)]


def fields(form: list[dict[str, Any]], section: str) -> list[dict[str, Any]]:
    [found] = [one for one in form if one["id"] == section]
    return list(found["fields"])


def test_a_question_is_removed(form: list[dict[str, Any]], answers: dict[str, Any]) -> None:
    for section in form:
        section["fields"] = [one for one in section["fields"] if one["id"] not in REMOVED]
    forget()
    standing = 0
    for moment in english()[::2]:
        standing += moment.state.step in REMOVED
        talk = goes_on(moment, answers)
        assert not any(each.step in REMOVED for each in asked(talk))
    assert standing


def test_a_question_is_added(answers: dict[str, Any]) -> None:
    for moment in english()[::2]:
        if moment.state.step == ADDED:
            continue
        talk = goes_on(replaced(moment), answers)
        assert ADDED in talk.conversation.case.answers


def replaced(moment: Moment) -> Moment:
    """As it would be, had the question not existed then."""
    if not moment.state.cases:
        return moment
    state = moment.state
    state = walk.without(state, ADDED)
    return Moment(moment.story, state, moment.act)


def test_questions_are_put_in_another_order(
    form: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    for section in form:
        if section["id"] != "consent":
            section["fields"].reverse()
    forget()
    for moment in english()[::2]:
        goes_on(moment, answers)


def asked(talk: Talk) -> list[Say]:
    return [effect for effect in talk.effects if isinstance(effect, Say)]


def test_words_for_a_question_that_is_gone_answer_no_other(
    form: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    moment = next(one for one in english() if one.state.step == "patient_name")
    for section in form:
        section["fields"] = [one for one in section["fields"] if one["id"] != "patient_name"]
    forget()
    state = current(moment.state, START.date(), version=FLOW_VERSION + 1)
    talk = Talk(conversation=replace(state, flow_version=FLOW_VERSION), count=1000)
    before = len(state.case.answers)
    talk.say("Kamla Joshi")
    assert asked(talk)[0].lines[0].key == "again.changed"
    assert len(talk.conversation.case.answers) == before
    assert "changed" not in talk.conversation.detail


def test_a_migration_changes_what_is_kept() -> None:
    moment = english()[-1]

    def renamed(before: Conversation) -> Conversation:
        answers = {f"{name}_2": given for name, given in before.case.answers.items()}
        return walk.with_case(before, replace(before.case, answers=answers))

    after = current(
        moment.state, START.date(), version=FLOW_VERSION + 1, migrations={FLOW_VERSION: renamed}
    )
    assert after.flow_version == FLOW_VERSION + 1
    assert set(after.case.answers) == {f"{name}_2" for name in moment.state.case.answers}


async def test_an_older_process_leaves_a_newer_chat_alone() -> None:
    app = fake_app(FakeChannel())
    await app.mailbox.put([hello("1")])
    turn = await app.mailbox.take()
    assert turn
    newer = replace(turn.conversation, flow_version=FLOW_VERSION + 1)
    assert await app.mailbox.commit(turn, newer, []) is not None
    await app.mailbox.put([hello("2")])
    assert await turns.take(app)
    assert await app.mailbox.take() is None  # put off, untouched
    box: Any = app.mailbox
    [kept] = [each for each in box.boxes.values() if each.inbox]
    assert kept.state == newer
