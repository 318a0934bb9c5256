"""Case numbers: the same at a replay, speakable, and a slip of the finger is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from flows.numbers import LETTERS, case_id, case_number, check_sign

SIGNS = st.text(alphabet=LETTERS, min_size=8, max_size=8)


def test_a_number_is_the_same_at_a_replay_and_another_for_another_case() -> None:
    assert case_number("seed", 0) == case_number("seed", 0)
    assert len({case_number("seed", n) for n in range(500)}) == 500
    assert case_id("seed", 0) != case_id("seed", 1)


def test_a_number_can_be_read_out() -> None:
    number = case_number("seed", 3)
    assert [len(part) for part in number.split("-")] == [3, 3, 3]
    assert not set(number) & set("01OIL8BS")


@given(SIGNS, st.integers(0, 7), st.sampled_from(LETTERS))
def test_one_wrong_sign_is_noticed(signs: str, place: int, wrong: str) -> None:
    changed = signs[:place] + wrong + signs[place + 1 :]
    assert (check_sign(changed) == check_sign(signs)) == (changed == signs)


@given(SIGNS, st.integers(0, 6))
def test_two_neighbours_swapped_are_noticed(signs: str, place: int) -> None:
    changed = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]
    assert (check_sign(changed) == check_sign(signs)) == (changed == signs)
