"""What of a case lies sealed in the tables, and where each sealed thing belongs."""

from msgspec import Raw
from msgspec.msgpack import Decoder, Encoder

from flows.conversation import Given
from storage import cipher

_encoder = Encoder()
_given = Decoder(Given)


def case_subject(case: str) -> str:
    """What a case's key is called in the keyring."""
    return f"case:{case}"


def pack_given(given: Given) -> bytes:
    """An answer as it lies in a conversation's state."""
    return _encoder.encode(given)


def seal_answer(key: bytes, case: str, field: str, packed: bytes | Raw) -> bytes:
    """A packed answer, with what the person typed."""
    return cipher.seal(key, bytes(packed), f"answer:{case}:{field}".encode())


def open_answer(key: bytes, case: str, field: str, sealed: bytes) -> Given:
    """A recorded answer."""
    return _given.decode(cipher.open(key, sealed, f"answer:{case}:{field}".encode()))


def seal_words(key: bytes, place: str, words: str) -> bytes:
    """A few words that belong to one place, such as `summary:<case>`."""
    return cipher.seal(key, words.encode(), place.encode())


def open_words(key: bytes, place: str, sealed: bytes) -> str:
    """Recorded words."""
    return cipher.open(key, sealed, place.encode()).decode()
