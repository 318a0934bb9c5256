"""What a machine read is suggested, once, and never decided for the person."""

from typing import Any

import pytest
from msgspec.structs import replace

from bot.channels import Reply
from flows.effects import ReadDocument, TellReview
from flows.messages import DocumentRead
from tests.flows.test_albums import album, case, collecting, texts
from tests.talk import ASHA, Talk


@pytest.fixture
def talk() -> Talk:
    return Talk(collecting())


def read(talk: Talk, nth: int = -1, **found: Any) -> list[Reply]:
    """A machine has read a file, the latest unless said otherwise."""
    order = [each for each in talk.effects if isinstance(each, ReadDocument)][nth]
    update = DocumentRead(f"r{len(talk.effects)}", ASHA, order.case, order.document)
    return talk.update(replace(update, **{"text": "t" * 64, "sure": 0.95, **found}))


def test_what_was_read_is_kept_and_nothing_is_said(talk: Talk) -> None:
    talk.send("p01")
    said = read(talk, kind="biopsy_report", view="v" * 64, dated="2026-10-20", number=1)
    assert said == []
    (paper,) = case(talk).papers["biopsy_report"]
    assert (paper.text, paper.view, paper.dated, paper.number) == (
        "t" * 64, "v" * 64, "2026-10-20", 1,
    )  # fmt: skip


def test_another_kind_is_asked_about_and_moved_with_one_tap(talk: Talk) -> None:
    talk.send("p01")
    said = read(talk, kind="ct_report")
    assert "looks like: CT scan report" in texts(said)
    assert list(case(talk).papers) == ["biopsy_report"]
    said = talk.tap("CT scan report")
    assert "✓ CT scan report: 1 page is here." in texts(said)
    assert list(case(talk).papers) == ["ct_report"]
    assert "Please send: Biopsy report" in texts(said)


def test_it_stays_where_the_person_says_so(talk: Talk) -> None:
    talk.send("p01")
    read(talk, kind="ct_report")
    talk.tap("Biopsy report")
    assert list(case(talk).papers) == ["biopsy_report"]
    assert case(talk).papers["biopsy_report"][0].kind == "biopsy_report"
    talk.send("p02")
    assert read(talk, kind="ct_report") == []


def test_pages_of_one_paper_move_together(talk: Talk) -> None:
    album(talk, "p01", "p02", "p03", every=30)
    read(talk, 0, kind="ct_report")
    read(talk, 1, kind="", sure=0.0)
    read(talk, 2, kind="biopsy_report")
    talk.tap("CT scan report")
    assert {name: len(papers) for name, papers in case(talk).papers.items()} == {
        "biopsy_report": 1,
        "ct_report": 2,
    }


@pytest.mark.parametrize(
    "found", [{"kind": "ct_report", "sure": 0.7}, {"kind": ""}, {"kind": "ct_report", "number": 2}]
)
def test_a_machine_that_is_not_sure_says_nothing(talk: Talk, found: dict[str, Any]) -> None:
    talk.send("p01")
    assert read(talk, **found) == []


def test_a_paper_sent_unasked_is_asked_about_sooner(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, step="home", detail={})
    talk.send("p01")
    assert list(case(talk).papers) == ["other_document"]
    assert "looks like: CT scan report" in texts(read(talk, kind="ct_report", sure=0.7))


def test_another_name_is_asked_about_once(talk: Talk) -> None:
    name = str(case(talk).value("patient_name"))
    album(talk, "p01", "p02", every=30)
    said = read(talk, 0, patient="Fictional Ramesh Gupta")
    assert f"“Fictional Ramesh Gupta”. Does it belong to {name}?" in texts(said)
    assert read(talk, 1, patient="Fictional Ramesh Gupta") == []
    talk.tap("Yes, it does")
    assert len(case(talk).papers["biopsy_report"]) == 2


def test_the_wrong_paper_is_taken_out(talk: Talk) -> None:
    talk.send("p01")
    read(talk, patient="Fictional Ramesh Gupta")
    assert "taken this paper out" in texts(talk.tap("No, wrong paper"))
    assert case(talk).papers == {}


@pytest.mark.parametrize("patient", ["", "Smt. Sunita Devi", "SUNITA DEVI", "S. Devi"])
def test_the_patients_own_name_is_no_question(talk: Talk, patient: str) -> None:
    answers = case(talk).answers
    named = replace(answers["patient_name"], value="Sunita Devi")
    own = replace(case(talk), answers={**answers, "patient_name": named})
    talk.conversation = replace(talk.conversation, cases=(own,))
    talk.send("p01")
    assert read(talk, patient=patient) == []


def test_an_old_tap_does_no_harm(talk: Talk) -> None:
    talk.send("p01")
    read(talk, kind="ct_report")
    talk.tap("CT scan report")
    papers = case(talk).papers
    talk.tap("CT scan report")
    assert case(talk).papers == papers


@pytest.mark.parametrize("status", ["submitting", "received"])
def test_after_it_was_sent_nobody_is_asked_and_the_experts_get_it_anew(
    talk: Talk, status: Any
) -> None:
    talk.send("p01")
    sent = replace(case(talk), status=status)
    talk.conversation = replace(talk.conversation, step="home", cases=(sent,))
    assert read(talk, kind="ct_report", patient="Fictional Ramesh Gupta") == []
    assert [each.what for each in talk.effects if isinstance(each, TellReview)] == ["read"]


def test_beside_an_agent_the_machine_is_silent(talk: Talk) -> None:
    talk.send("p01")
    talk.conversation = replace(talk.conversation, holder="agent")
    assert read(talk, kind="ct_report") == []


def test_what_was_taken_out_meanwhile_is_forgotten(talk: Talk) -> None:
    talk.send("p01")
    talk.conversation = replace(talk.conversation, cases=(replace(case(talk), papers={}),))
    assert read(talk, kind="ct_report") == []


def test_numbers_printed_on_the_pages_order_them(talk: Talk) -> None:
    album(talk, "p01", "p02", "p03", every=30)
    for nth, number in enumerate((3, 1, 2)):
        read(talk, nth, kind="biopsy_report", number=number)
    numbers = [paper.number for paper in case(talk).papers["biopsy_report"]]
    assert numbers == [1, 2, 3]
