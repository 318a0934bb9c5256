"""Cutting long texts: nothing is lost, nothing is too long, letters stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.fit import split, utf16

FAMILY = "👨‍👩‍👧"
WAVE = "👋🏽"
INDIA = "🇮🇳"


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("abc", 3), ("नमस्ते", 6), ("🙏", 2), (INDIA, 4), ("a🙏b", 4)]
)
def test_utf16_units(text: str, units: int) -> None:
    assert utf16(text) == units == len(text.encode("utf-16-le")) // 2


CUTS = [
    pytest.param("short", 10, ["short"], id="fits"),
    pytest.param("", 10, [""], id="empty"),
    pytest.param("one two\n\nthree. four", 14, ["one two", "three. four"], id="paragraph first"),
    pytest.param("One: x\n2. Two two", 12, ["One: x", "2. Two two"], id="a row stays whole"),
    pytest.param("One two. Three four", 15, ["One two.", "Three four"], id="then a sentence"),
    pytest.param("एक दो। तीन चार", 10, ["एक दो।", "तीन चार"], id="danda ends a sentence"),
    pytest.param("one two three", 9, ["one two", "three"], id="then a word"),
    pytest.param("a\n\nbbbb cccc", 10, ["a\n\nbbbb", "cccc"], id="no tiny parts"),
    pytest.param("abcdef", 4, ["abcd", "ef"], id="one long word"),
    pytest.param("abक्षि", 4, ["ab", "क्षि"], id="a conjunct stays whole"),
    pytest.param("abcकि", 4, ["abc", "कि"], id="a vowel sign stays with its letter"),
    pytest.param("abc" + WAVE, 4, ["abc", WAVE], id="a skin tone stays with its hand"),
    pytest.param("a" + FAMILY, 4, ["a", FAMILY[:4], FAMILY[4:]], id="too long for its limit"),
    pytest.param(INDIA * 2, 3, [INDIA, INDIA], id="flags stay in pairs"),
]


@pytest.mark.parametrize(("text", "limit", "parts"), CUTS)
def test_split(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


def test_emoji_count_twice_for_telegram() -> None:
    parts = split("🙏" * 4096, 4096, utf16)
    assert [utf16(part) for part in parts] == [4096, 4096]


@given(st.text(max_size=200), st.integers(2, 40))
def test_no_part_is_too_long_and_no_letter_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit, utf16)
    assert all(utf16(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(st.sampled_from("aक् िषी।. \n🙏👍🏽\u200d🇮🇳"), max_size=120), st.integers(2, 12))
def test_words_with_marks(text: str, limit: int) -> None:
    assert "".join("".join(split(text, limit)).split()) == "".join(text.split())
