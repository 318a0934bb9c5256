"""A link grants one case for a while, says nothing about it, and is of no use elsewhere."""

from datetime import timedelta

import pytest

from bot.render import render
from bot.uploads.links import Link, Links, LinkWrong
from bot.wording import Wording
from flows.effects import Say, UploadLink, Voice
from flows.say import line, say
from tests.talk import ALWAYS, START, TELEGRAM

LINKS = Links("https://saathi.example", b"k" * 32, 24)
TO = UploadLink("c" * 32, "scan_images")
NAME = "ab" * 32


def token() -> str:
    return LINKS.address(NAME, TO, "ur", START).partition("#")[2]


def test_it_grants_what_it_was_made_for() -> None:
    until = int((START + timedelta(hours=24)).timestamp())
    assert LINKS.open(token(), START) == Link(NAME, "c" * 32, "scan_images", "ur", until)


def test_it_is_short_opaque_and_behind_the_hash() -> None:
    address = LINKS.address(NAME, TO, "ur", START)
    assert address.startswith("https://saathi.example/upload#")
    assert len(address) < 200
    assert address.partition("#")[2].isalnum()
    assert not [word for word in (NAME, "cccc", "scan", "ur=") if word in address]
    assert address != LINKS.address(NAME, TO, "ur", START)


def test_it_expires_and_says_in_which_language() -> None:
    made = token()
    LINKS.open(made, START + timedelta(hours=23, minutes=59))
    with pytest.raises(LinkWrong) as wrong:
        LINKS.open(made, START + timedelta(hours=24))
    assert wrong.value.language == "ur"


@pytest.mark.parametrize("at", range(0, 120, 13))
def test_one_letter_changed_and_it_grants_nothing(at: int) -> None:
    made = token()
    changed = made[:at] + ("a" if made[at] != "a" else "b") + made[at + 1 :]
    with pytest.raises(LinkWrong) as wrong:
        LINKS.open(changed, START)
    assert wrong.value.language == ""


@pytest.mark.parametrize("text", ["", "x", "é", "a" * 5000, "====", "a b", "\n"])
def test_no_link_at_all(text: str) -> None:
    with pytest.raises(LinkWrong):
        LINKS.open(text, START)


def test_another_installation_knows_it_not() -> None:
    with pytest.raises(LinkWrong):
        Links("https://saathi.example", b"o" * 32, 24).open(token(), START)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_bubble_with_a_link(language: str) -> None:
    bubble: Say = say(line("big.link", link=TO), voice=Voice(language))
    wording = Wording(ALWAYS)
    assert "https://" not in render(wording, bubble, TELEGRAM).text
    text = render(wording, LINKS.filled(NAME, bubble, START), TELEGRAM).text
    (address,) = [each for each in text.split() if each.startswith("https://")]
    # Nothing clings to it: a sign more and the browser opens another page.
    assert LINKS.open(address.partition("#")[2], START).language == language
