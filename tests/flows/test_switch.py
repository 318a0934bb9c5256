"""Languages: the likely ones first, another one offered once and never forced."""

import pytest
from msgspec.structs import replace

from nlu import likely, romanised
from tests.talk import Talk


@pytest.mark.parametrize(
    ("text", "hint", "phone", "name", "first"),
    [
        ("", "", "", "", "hi"),
        ("வணக்கம்", "", "", "", "ta"),
        ("amar mayer jonno second opinion lagbe", "", "", "", "bn"),
        ("", "te", "+919000000001", "", "te"),
        ("", "en", "+919000000001", "", "hi"),
        ("hello", "", "+8801712345678", "", "bn"),
        ("", "", "", "മീനാക്ഷി", "ml"),
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "hi", "", "", "pa"),
    ],
)
def test_who_is_offered_what_first(text: str, hint: str, phone: str, name: str, first: str) -> None:
    found = likely(text, hint, phone, name)
    assert found[0] == first
    assert len(found) == len(set(found)) == 7


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("enga ammaku breast cancer irukku reports anuppalama", "ta"),
        ("amar babar jonno doctor dekhate chai", "bn"),
        ("meri maa ko bachedani ka cancer hai", "hi"),
        ("maa nannaki cancer undi reports pampistanu", "te"),
        ("ente ammakku cancer aanu enthu cheyyanam", "ml"),
        ("I want to send the reports of my father", "en"),
        ("Ramesh Kumar", ""),
        ("ok", ""),
        ("", ""),
    ],
)
def test_latin_letters_tell_a_language(text: str, code: str) -> None:
    assert romanised(text) == code


@pytest.fixture
def talk() -> Talk:
    """An English talk at its first question."""
    talk = Talk()
    talk.say("hello")
    talk.tap("English")
    return talk


def test_the_typed_language_stands_first() -> None:
    talk = Talk()
    talk.say("என் அம்மாவுக்கு உதவி வேண்டும்")
    assert talk.titles[0] == "தமிழ்"


def test_another_script_is_offered_once_and_the_question_stays(talk: Talk) -> None:
    replies = talk.say("मुझे समझ नहीं आ रहा")
    assert any("हिंदी में भी" in reply.text for reply in replies)
    assert talk.conversation.language == "en"
    assert talk.conversation.step == "writer_relation"
    assert not any("हिंदी में भी" in reply.text for reply in talk.say("यह क्या है भाई"))


def test_a_long_text_may_be_copied_and_offers_nothing(talk: Talk) -> None:
    replies = talk.say("मुझे समझ नहीं आ रहा " * 20)
    assert not any("हिंदी में भी" in reply.text for reply in replies)


def test_a_tap_changes_the_language_and_keeps_the_question(talk: Talk) -> None:
    talk.say("मुझे समझ नहीं आ रहा")
    talk.tap("हिन्दी")
    assert talk.conversation.language == "hi"
    assert talk.conversation.step == "writer_relation"


def test_a_name_in_another_script_is_no_wish_for_another_language(talk: Talk) -> None:
    talk.conversation = replace(talk.conversation, step="writer_name")
    assert not any("தமிழ" in reply.text for reply in talk.say("மீனாட்சி சுந்தரம்"))
