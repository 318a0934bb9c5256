"""Who has a CD or a file too big for the chat is shown the way; scan pictures find their place."""

from typing import Any

import pytest
from msgspec.structs import replace

from flows.effects import Say, UploadLink
from flows.messages import DocumentKept
from tests.cases import load_case
from tests.talk import ASHA, Talk

ASKED = "ct_report"


def talk(step: str = "records", language: str = "en", **detail: Any) -> Talk:
    """A talk that collects records, with one of them asked for."""
    told, case = load_case("breast")
    draft = replace(case, status="draft", submitted_at=None, papers={})
    state = replace(told, step=step, detail=detail, cases=(draft,), language=language, address=ASHA)
    return Talk(state)


def links(said: Talk) -> list[UploadLink]:
    """The links of all bubbles so far."""
    lines = [line for each in said.effects if isinstance(each, Say) for line in each.lines]
    return [link for line in lines for link in line.params.values() if isinstance(link, UploadLink)]


def kept(said: Talk, **more: Any) -> None:
    told = {"document": "d" * 64, "mime": "application/zip", "size": 10, **more}
    case = said.conversation.case.id
    said.update(DocumentKept("k1", ASHA, case, ASKED, "upload:1", **told))


SAID = [("CD", "en"), ("I have a CD", "en"), ("big file", "en"), ("मेरे पास सीडी है", "hi"),
        ("CD", "ta"), ("سی ڈی", "ur"), ("mere paas cd hai", "hi")]  # fmt: skip


@pytest.mark.parametrize(("words", "language"), SAID)
def test_who_has_a_cd_gets_a_link_for_what_is_asked(words: str, language: str) -> None:
    said = talk(language=language, doc=ASKED)
    said.say(words)
    assert links(said) == [UploadLink(said.conversation.case.id, ASKED)]
    assert (said.conversation.step, said.conversation.detail) == ("records", {"doc": ASKED})
    assert len(said.replies) == 1


def test_outside_of_the_records_it_is_for_scan_pictures() -> None:
    said = talk("review")
    said.say("CD")
    assert [link.slot for link in links(said)] == ["scan_images"]


def test_before_the_consents_there_is_none() -> None:
    said = Talk()
    said.say("hi")
    said.tap("English")
    said.say("I have a CD")
    assert links(said) == []
    assert "a little later" in said.replies[-1].text


def test_asked_for_scan_pictures_the_link_comes_along() -> None:
    said = talk(mode="choose")
    said.say("repeat")
    said.find("Scan images (CD/link)")
    assert [link.slot for link in links(said)] == ["scan_images"]


def test_the_list_of_papers_has_a_row_for_it() -> None:
    said = talk(mode="choose")
    said.say("repeat")
    said.find("Big file / CD")
    assert links(said)


def test_too_big_for_the_chat_the_way_around_comes_along() -> None:
    said = talk(doc=ASKED)
    kept(said, document="", verdict="refused", reason="too_big")
    assert links(said) == [UploadLink(said.conversation.case.id, ASKED)]
    text = said.replies[-1].text
    assert text.index("too big") < text.index("use this page")


@pytest.mark.parametrize(("document", "reason"), [("d" * 64, "too_big"), ("", "gone")])
def test_what_would_fare_no_better_there_is_sent_no_link(document: str, reason: str) -> None:
    said = talk(doc=ASKED)
    kept(said, document=document, verdict="refused", reason=reason)
    assert links(said) == []


def test_scan_pictures_are_no_report_whatever_was_asked() -> None:
    said = talk(doc=ASKED)
    kept(said, about={"modality": "CT", "images": "90"})
    (paper,) = said.conversation.case.papers["scan_images"]
    assert paper.about == {"modality": "CT", "images": "90"}
    assert ASKED not in said.conversation.case.papers
    assert "Scan images (CD/link): 90 pictures are here." in said.replies[-1].text


def test_photos_in_a_zip_stay_where_they_were_asked() -> None:
    said = talk(doc=ASKED)
    kept(said, about={"photos": "3"}, pages=3)
    assert [paper.pages for paper in said.conversation.case.papers[ASKED]] == [3]


def test_files_from_the_page_are_placed_behind_those_of_the_chat() -> None:
    said = talk(doc=ASKED)
    said.send("one.jpg", "two.jpg")
    kept(said, mime="application/pdf")
    papers = said.conversation.case.papers[ASKED]
    assert [paper.place for paper in papers] == [1, 2, 3]
    said.send("three.jpg")
    assert [paper.place for paper in said.conversation.case.papers[ASKED]] == [1, 2, 3, 4]


def test_a_cd_with_a_password_says_so() -> None:
    said = talk(doc=ASKED)
    kept(said, verdict="refused", reason="locked")
    assert "The file has a password" in said.replies[-1].text
