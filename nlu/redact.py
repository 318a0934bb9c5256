"""Numbers that must never be kept: found by pattern and checksum, and masked."""

import re
from functools import cache

from msgspec import Struct

from nlu.data import load
from nlu.normalise import digits
from nlu.phones import numbers_in


class Pattern(Struct, frozen=True):
    """One kind of number."""

    id: str
    shape: re.Pattern[str]
    checksum: str
    soft: bool


@cache
def _patterns() -> tuple[Pattern, ...]:
    listed = [entry for entry in load("redflags.yml")["never_collect"] if entry["pattern"]]
    return tuple(
        Pattern(
            entry["id"],
            re.compile(entry["pattern"], re.IGNORECASE),
            entry.get("checksum", ""),
            bool(entry.get("soft")),
        )
        for entry in listed
    )


def redact(text: str) -> tuple[str, list[str]]:
    """The text with such numbers as X, and the kinds that were found (soft kinds stay)."""
    shown, kinds = digits(text), list[str]()
    for pattern in _patterns():
        if pattern.soft:
            continue
        for match in reversed(list(pattern.shape.finditer(shown))):
            if _counts(pattern, match.group()):
                kinds.append(pattern.id)
                shown = shown[: match.start()] + _masked(match.group()) + shown[match.end() :]
    return (shown if kinds else text), list(dict.fromkeys(kinds))


def _masked(found: str) -> str:
    return re.sub(r"[A-Za-z0-9]", "X", found)


def _counts(pattern: Pattern, found: str) -> bool:
    plain = re.sub(r"\D", "", found)
    if pattern.id in ("aadhaar", "payment_card") and numbers_in(found):
        return False
    if pattern.checksum == "verhoeff":
        return verhoeff(plain)
    return luhn(plain) if pattern.checksum == "luhn" else True


def luhn(number: str) -> bool:
    """Whether the last digit checks the others (payment cards)."""
    values = [int(sign) for sign in number][::-1]
    doubled = sum(n * 2 - 9 * (n > 4) for n in values[1::2])
    return (sum(values[0::2]) + doubled) % 10 == 0


_SWAPS = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    _SWAPS.append([_SWAPS[1][n] for n in _SWAPS[-1]])


def _times(i: int, j: int) -> int:
    """The product of the dihedral group D5, on which Verhoeff's check stands."""
    if i < 5:
        return (i + j) % 5 if j < 5 else (i + j - 5) % 5 + 5
    return (i - 5 - j) % 5 + 5 if j < 5 else (i - j) % 5


def verhoeff(number: str) -> bool:
    """Whether the last digit checks the others (Aadhaar)."""
    check = 0
    for place, sign in enumerate(reversed(number)):
        check = _times(check, _SWAPS[place % 8][int(sign)])
    return check == 0
