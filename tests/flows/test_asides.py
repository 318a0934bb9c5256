"""Several answers in one message, and corrections that name their answer."""

from typing import Any

import pytest
from msgspec.structs import replace

from flows.conversation import Case, Given
from nlu import field_named
from tests.talk import START, Talk

AGE = "age_or_birth"


def talk_at(step: str, **answers: Any) -> Talk:
    """A talk at a step, all consents given."""
    given = {
        "writer_relation": "parent", "consent_data": True, "consent_panel": True,
        "consent_chat": True, "patient_agrees": "yes", "patient_knows": "yes",
        "writer_name": "Asha", "patient_name": "Meera", "adult_writer": True, **answers,
    }  # fmt: skip
    talk = Talk()
    case = Case("k1", "S1", {name: Given(value, START) for name, value in given.items()})
    talk.conversation = replace(talk.conversation, language="en", step=step, cases=(case,))
    return talk


def test_three_answers_in_one_breath_are_read_back_and_taken() -> None:
    talk = talk_at(AGE)
    (reply,) = talk.say("54, female, from Pune")
    assert talk.conversation.step == "offered"
    assert "Pune" in reply.text
    talk.say("yes")
    case = talk.conversation.case
    assert case.value(AGE)["age_years"] == 54
    assert case.value("sex") == "female"
    assert case.value("place")["city"] == "Pune"


def test_a_no_asks_them_one_by_one() -> None:
    talk = talk_at(AGE)
    talk.say("54, female, from Pune")
    talk.say("no")
    assert talk.conversation.step == "sex"
    assert talk.conversation.case.value(AGE)["age_years"] == 54


def test_a_plain_answer_offers_nothing() -> None:
    talk = talk_at(AGE)
    talk.say("54")
    assert talk.conversation.step == "sex"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("change the name", "patient_name"),
        ("I want to change the age", AGE),
        ("I want to change something", "change"),
    ],
)
def test_a_correction_leads_to_its_answer(text: str, step: str) -> None:
    talk = talk_at("place", **{AGE: {"age_years": 54, "birth_year": 1972}, "sex": "female"})
    talk.say(text)
    assert talk.conversation.step == step


def test_fields_by_their_names() -> None:
    assert field_named("naam galat hai", "hi") == "name"
    assert field_named("உம்ம வயசு தப்பு", "ta") == "age"
    assert field_named("something", "en") == ""
