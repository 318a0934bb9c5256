"""Albums as people send them: counted sparingly, failed pages named, the order kept."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.channels import Reply
from flows import pages
from flows.conversation import Case, Conversation
from flows.effects import ReadDocument, SaveDocument, Say
from flows.messages import Attachment, DocumentKept
from tests.cases import load_case
from tests.talk import ASHA, TELEGRAM, WHATSAPP, Talk

NEAR, NEARER, FAR = "00ff" * 32, "00ff" * 31 + "00f0", "f0f0" * 32
PAGES = [f"p{n:02}" for n in range(1, 13)]


def collecting(**more: Any) -> Conversation:
    """The fictional breast case, where its first record is asked for."""
    conversation, case = load_case("breast")
    draft = replace(case, papers={}, waivers={}, status="draft", submitted_at=None)
    return replace(
        conversation, address=ASHA, step="records", language="en", cases=(draft,), **more
    )


@pytest.fixture(params=[WHATSAPP, TELEGRAM], ids=["whatsapp", "telegram"])
def talk(request: pytest.FixtureRequest) -> Talk:
    return Talk(collecting(), limits=request.param)


def texts(replies: list[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


def album(talk: Talk, *names: str, every: int = 15) -> list[list[Reply]]:
    """Pictures one by one, so many seconds apart: what is said to each."""
    talk.pause = timedelta(0)
    said = list[list[Reply]]()
    for name in names:
        said.append([*talk.wait(every), *talk.send(name)])
    talk.pause = timedelta(seconds=20)
    return said


def case(talk: Talk) -> Case:
    return talk.conversation.case


def names(talk: Talk, slot: str = "biopsy_report") -> list[str]:
    """The pages that are counted, in their order, by the names they were sent under."""
    papers = [p for p in case(talk).papers[slot] if not p.same_as]
    return [bytes.fromhex(paper.document[:6]).decode() for paper in papers]


def asks(talk: Talk) -> str:
    return texts(talk.replies[-1:])


def test_twelve_pages_get_two_answers(talk: Talk) -> None:
    first, *others = album(talk, *PAGES)
    assert "1 page" in texts(first)
    assert others == [[]] * 11
    assert "12 pages are here" in texts(talk.wait(19))
    assert talk.wait(600) == []
    assert names(talk) == PAGES


def test_no_timer_ends_an_album(talk: Talk) -> None:
    album(talk, *PAGES[:4])
    talk.wait(3600)
    assert "5 pages" in texts(talk.send("p05"))
    assert names(talk) == PAGES[:5]


def test_pages_sent_one_by_one_are_answered_at_once(talk: Talk) -> None:
    for number, said in enumerate(album(talk, *PAGES[:4], every=30), 1):
        assert f"{number} page" in texts(said)


def test_a_page_that_failed_is_named_at_once_and_takes_its_place_again(talk: Talk) -> None:
    talk.verdicts = ["ok", "ok", {"verdict": "refused", "reason": "gone"}]
    said = album(talk, *PAGES)
    assert "picture 3 once more" in texts(said[2])
    assert "11 pages" in texts(talk.wait(20))
    assert "12 pages" in texts(talk.send("p03"))
    assert names(talk) == PAGES
    assert case(talk).failed["biopsy_report"] == ()


def test_done_tells_once_what_is_still_to_come(talk: Talk) -> None:
    talk.verdicts = ["ok", "retake", "ok"]
    album(talk, *PAGES[:3])
    talk.wait(20)
    assert "picture 2 could not be read" in texts(talk.tap("Done"))
    assert talk.conversation.step == "records"
    assert "Please send: " in texts(talk.tap("Done"))
    assert names(talk) == ["p01", "p03"]


def test_a_failed_page_is_answered_by_quoting_its_message(talk: Talk) -> None:
    talk.verdicts = ["ok", "retake", "ok"]
    album(talk, *PAGES[:3])
    talk.wait(20)
    (asked,) = [each for each in talk.replies if each.quote]
    assert "please send picture 2 once more" in asked.text
    sent = [each.quote for each in talk.effects if isinstance(each, SaveDocument)]
    assert asked.quote == sent[1] == sent[0] + 1


def test_two_failed_pages_come_again_in_their_order(talk: Talk) -> None:
    talk.verdicts = ["ok", "retake", "ok", "retake"]
    album(talk, *PAGES[:4])
    talk.wait(60)
    album(talk, "p02", "p04", every=30)
    assert names(talk) == PAGES[:4]


def test_a_page_is_known_by_its_look_where_it_comes_out_of_turn(talk: Talk) -> None:
    blurred = {"verdict": "retake", "reason": "blurred"}
    talk.verdicts = [
        "ok", {**blurred, "likeness": FAR}, {**blurred, "likeness": NEAR}, "ok",
        {"likeness": NEARER}, {"likeness": FAR},
    ]  # fmt: skip
    album(talk, *PAGES[:4])
    talk.wait(60)
    album(talk, "p03", "p02", every=30)
    assert names(talk) == PAGES[:4]


def test_after_two_retakes_it_is_kept_with_a_flag(talk: Talk) -> None:
    talk.verdicts = ["retake", "retake", "accepted_with_flag"]
    talk.send("p01")
    talk.wait(60)
    said = talk.send("p0b")
    assert "once more" in texts(said)
    assert "Talk to a person" not in [b.title for b in said[-1].buttons]
    talk.wait(60)
    said = talk.send("p0c")
    assert "hard to read" in texts(said)
    assert [order.tries for order in orders(talk)] == [0, 1, 2]
    assert names(talk) == ["p0c"]


def orders(talk: Talk) -> list[SaveDocument]:
    return [each for each in talk.effects if isinstance(each, SaveDocument)]


def test_a_page_sent_again_at_once_is_the_same_page(talk: Talk) -> None:
    talk.verdicts = ["retake", "retake", "accepted_with_flag"]
    said = album(talk, "p01", "p0b", "p0c", every=5)
    assert all("once more" in texts(each) for each in said[:2])
    assert "1 page is here" in texts(said[2])
    assert [order.tries for order in orders(talk)] == [0, 1, 2]


def test_a_paper_after_done_begins_anew(talk: Talk) -> None:
    talk.pause = timedelta(seconds=2)
    talk.send("p01")
    talk.tap("Done")
    assert "1 page is here" in texts(talk.send("p02"))


def test_each_page_of_an_album_has_its_own_tries(talk: Talk) -> None:
    talk.verdicts = ["ok", *["retake"] * 3]
    album(talk, *PAGES[:4])
    assert [order.tries for order in orders(talk)] == [0] * 4


def test_who_fails_with_page_after_page_is_not_locked_out(talk: Talk) -> None:
    talk.verdicts = ["ok", *["retake"] * 8]
    album(talk, *PAGES[:9])
    assert [order.tries for order in orders(talk)] == [0, 0, 0, 0, 1, 1, 1, 2, 2]


def test_the_same_file_again_counts_once(talk: Talk) -> None:
    talk.send("p01")
    assert "counts once" in texts(talk.send("p01"))
    assert names(talk) == ["p01"]
    assert len([each for each in talk.effects if isinstance(each, ReadDocument)]) == 1


def test_a_second_photo_of_a_page_counts_once_unless_it_is_another(talk: Talk) -> None:
    talk.verdicts = [{"likeness": NEAR}, {"likeness": FAR}, {"likeness": NEARER}]
    album(talk, *PAGES[:3], every=30)
    assert "Picture 3 looks like picture 1" in texts(talk.replies[-1:]) + texts(talk.replies)
    assert names(talk) == ["p01", "p02"]
    assert len(case(talk).papers["biopsy_report"]) == 3
    assert "3 pages" in texts(talk.tap("It is another page"))
    assert names(talk) == PAGES[:3]


def test_two_photos_without_a_look_are_two_pages(talk: Talk) -> None:
    album(talk, "p01", "p02")
    assert names(talk) == ["p01", "p02"]


def test_pages_that_are_ready_in_another_order_stand_as_they_were_sent(talk: Talk) -> None:
    talk.send("p01")
    (order,) = orders(talk)
    for place in (4, 2, 3):
        kept = DocumentKept(
            f"k{place}", ASHA, order.case, order.slot, f"u{place}",
            document=f"p{place:02}".encode().hex() * 10, mime="image/jpeg", place=place,
        )  # fmt: skip
        talk.update(kept)
    assert names(talk) == ["p01", "p02", "p03", "p04"]


def test_done_shows_the_pages_as_we_see_them(talk: Talk) -> None:
    album(talk, "p01", "p02")
    talk.wait(30)
    said = talk.tap("Done")
    assert "this is how we see it" in texts(said)
    (shown,) = [each for each in talk.effects if isinstance(each, Say) and each.sheet]
    assert shown.sheet == tuple(paper.document for paper in case(talk).papers["biopsy_report"])
    assert shown.case == case(talk).id
    assert len(said) == 1


def test_a_pdf_is_not_shown(talk: Talk) -> None:
    talk.send("report", mime="application/pdf")
    talk.tap("Done")
    assert not [each for each in talk.effects if isinstance(each, Say) and each.sheet]


@pytest.fixture
def changing(talk: Talk) -> Iterator[Talk]:
    """Three pages are here, and are to be changed."""
    album(talk, "p01", "p02", "p03")
    talk.wait(30)
    talk.tap("What is missing?")
    talk.tap("Change pages")
    assert "is the order right" in asks(talk)
    yield talk
    talk.tap("It is right")
    assert talk.conversation.step == "records"
    assert talk.conversation.detail["doc"] == "biopsy_report"


@pytest.mark.parametrize("typed", ["3 1 2", "3, 1, 2", "३ १ २", "312"])
def test_the_order_is_typed(changing: Talk, typed: str) -> None:
    changing.say(typed)
    assert names(changing) == ["p03", "p01", "p02"]
    assert "is the order right" in asks(changing)


@pytest.mark.parametrize("typed", ["1 2", "1 2 2", "1 2 4", "4 3 2 1", "the last one first"])
def test_an_order_that_is_none_is_asked_again(changing: Talk, typed: str) -> None:
    assert "from 1 to 3" in texts(changing.say(typed))
    assert names(changing) == ["p01", "p02", "p03"]


def test_a_page_is_taken_out(changing: Talk) -> None:
    changing.tap("Take a page out")
    changing.tap("2")
    assert names(changing) == ["p01", "p03"]


def test_an_arranged_paper_stays_as_arranged(changing: Talk) -> None:
    changing.say("2 1 3")
    papers = case(changing).papers["biopsy_report"]
    assert (
        pages.sorted_pages(
            [replace(paper, number=4 - n) for n, paper in enumerate(papers, 1)], arranged=True
        )[0].number
        == 3
    )


def test_the_last_page_taken_out_is_a_paper_that_is_missing(talk: Talk) -> None:
    talk.send("p01")
    talk.tap("What is missing?")
    talk.tap("Change pages")
    talk.tap("Take a page out")
    talk.tap("1")
    assert "biopsy_report" not in case(talk).papers
    assert "Please send: Biopsy report" in asks(talk)


def test_the_list_counts_pages(talk: Talk) -> None:
    album(talk, "p01", "p02")
    talk.wait(30)
    said = texts(talk.tap("What is missing?"))
    assert "✓ Biopsy report: 2 pages are here." in said
    assert "Still missing: " in said


def test_several_papers_can_be_changed(talk: Talk) -> None:
    talk.send("p01")
    talk.tap("Done")
    talk.send("p02")
    talk.tap("What is missing?")
    talk.tap("Change pages")
    assert "Which paper" in asks(talk) or "paper" in asks(talk)
    talk.tap("Biopsy report")
    assert "is this page right" in asks(talk)
    talk.tap("It is right")


def test_files_beside_an_agent_are_counted_for_nobody(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, holder="agent")
    assert "1 page" in texts(talk.send("p01"))


def test_the_first_page_of_an_album_is_answered_at_once(talk: Talk) -> None:
    talk.pause = timedelta(0)
    file = Attachment("p01", "image/jpeg", "p01", 10)
    said = talk.update(talk._message(kind="photo", attachments=(file,), album="a1"))
    assert "1 page is here" in texts(said)


def test_a_count_is_said_once(talk: Talk) -> None:
    album(talk, *PAGES[:5], every=1)
    assert len(talk.wait(60)) == 1


def test_many_files_in_one_message(talk: Talk) -> None:
    files = tuple(Attachment(name, "image/jpeg", name, 10) for name in PAGES[:3])
    said = talk.update(talk._message(kind="photo", attachments=files))
    assert said == []
    assert "3 pages" in texts(talk.wait(20))
    assert names(talk) == PAGES[:3]
