"""The verdict on a look: asked again twice, then taken."""

import pytest

from bot.sight import TRIES, Seen, verdict

FINE = {"steep": 4.0, "height": 20.0, "side": 1600.0}


def test_a_fault_is_asked_for_again_twice() -> None:
    seen = Seen(FINE, "glare")
    said = [verdict(seen, tries) for tries in range(TRIES + 1)]
    assert said == [("retake", "glare")] * 2 + [("accepted_with_flag", "glare")]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [({}, "ok"), ({"steep": 2.3}, "warn"), ({"height": 9.0}, "warn"), ({"side": 900.0}, "warn")],
)
def test_a_weak_photo_is_taken_with_a_warning(change: dict[str, float], wanted: str) -> None:
    assert verdict(Seen(FINE | change, ""), 0) == (wanted, "")
