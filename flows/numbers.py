"""Case ids and case numbers: short, speakable, not guessable, and the same at a replay."""

from hashlib import sha256

LETTERS = "2345679CDFGHJKMNPQRTVWX"


def case_id(seed: str, index: int) -> str:
    """An opaque id from the conversation's secret seed."""
    return sha256(f"{seed}:case:{index}".encode()).hexdigest()[:32]


def case_number(seed: str, index: int) -> str:
    """A number such as `K7M-2QX-94T`: eight signs by chance and one that checks them."""
    value = int.from_bytes(sha256(f"{seed}:number:{index}".encode()).digest(), "big")
    signs = ""
    for _ in range(8):
        value, place = divmod(value, len(LETTERS))
        signs += LETTERS[place]
    signs += check_sign(signs)
    return "-".join((signs[:3], signs[3:6], signs[6:]))


def check_sign(signs: str) -> str:
    """The ninth sign; finds every single wrong sign and every swap of neighbours."""
    total = sum((place + 2) * LETTERS.index(sign) for place, sign in enumerate(signs))
    return LETTERS[total % len(LETTERS)]
