"""News of the backend in the chat: what is told, asked, and left to a person."""

from typing import Any

import pytest
from msgspec.structs import replace

from flows.conversation import Conversation, Given
from flows.effects import CallAgent, Say
from flows.engine import decide
from flows.messages import CaseNews
from flows.walk import at, new_case, with_case
from nlu.meaning import Unclear
from tests.talk import ASHA, START

SLOT = {"start": "2026-12-01T18:00:00+05:30", "end": "", "label": "01/12/2026 18:00"}


def sent(**answers: Any) -> Conversation:
    """A conversation whose case was received, at the menu."""
    fresh = new_case(Conversation("c1", ASHA, "seed", language="en"))
    given = {name: Given(value, START) for name, value in answers.items()}
    case = replace(fresh.case, status="received", answers=given)
    return at(with_case(fresh, case), "home")


def told(before: Conversation, what: str, **detail: str) -> tuple[Conversation, list[Any]]:
    news = CaseNews(f"n-{detail}", ASHA, before.cases[0].id, what, detail)
    return decide(before, news, Unclear(), START)


def keys(effects: list[Any]) -> list[str]:
    return [line.key for effect in effects if isinstance(effect, Say) for line in effect.lines]


def test_a_status_is_told_once() -> None:
    after, effects = told(sent(), "status", status="with_panel")
    assert keys(effects) == ["news.head", "status.with_panel.line"]
    assert told(after, "status", status="with_panel")[1] == []


def test_each_further_time_is_asked_about_with_those_before() -> None:
    one, _ = told(sent(), "slot", slot="s1", **SLOT)
    two, effects = told(one, "slot", slot="s2", **SLOT)
    [asked] = effects
    assert [option.id for option in asked.options] == ["0.slot=s1", "0.slot=s2", "0.slot=none"]
    assert two.step == "slot"


def test_a_missing_paper_is_asked_for() -> None:
    after, effects = told(sent(), "missing", document="ct_report", note="If done.")
    assert (after.step, after.case.status) == ("missing", "documents_missing")
    assert keys(effects)[:3] == ["news.head", "news.missing", "news.note"]


def test_a_refusal_is_left_to_a_person() -> None:
    _, effects = told(sent(), "status", status="closed", refused="rejected")
    assert effects == [CallAgent("review_refused")]


NOT_HERE = [
    pytest.param({"stopped": True}, {}, id="stopped"),
    pytest.param({}, {"consent_chat": False}, id="no consent to messages"),
]


@pytest.mark.parametrize(("state", "answers"), NOT_HERE)
def test_who_wants_no_messages_is_called_instead(
    state: dict[str, Any], answers: dict[str, Any]
) -> None:
    _, effects = told(replace(sent(**answers), **state), "status", status="with_panel")
    assert effects == [CallAgent("call_person")]


def test_a_second_case_being_told_is_not_disturbed() -> None:
    busy = at(new_case(sent()), "writer_relation")
    after, effects = told(busy, "missing", document="ct_report")
    assert (after.step, after.current) == ("writer_relation", 1)
    assert after.cases[0].wanted == ("ct_report",)
    assert "news.missing" in keys(effects)


def test_news_of_somebody_elses_case_is_nothing() -> None:
    news = CaseNews("n1", ASHA, "another", "status", {"status": "with_panel"})
    assert decide(sent(), news, Unclear(), START) == (sent(), [])
