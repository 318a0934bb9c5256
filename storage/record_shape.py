"""A checkpoint, opened only as far as the record must look: the rest stays packed.

The recorder reads every committed state; taking each answer apart to compare it with the
one before would cost more than all else that it does.
"""

from datetime import datetime

from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from flows.conversation import Given, Paper
from flows.messages import Address
from storage import cipher


class CaseShape(Struct, frozen=True):
    """A case; each answer and each row of papers still packed. See `flows` for the fields."""

    id: str
    number: str
    answers: dict[str, Raw] = {}
    papers: dict[str, Raw] = {}
    waivers: dict[str, str] = {}
    status: str = "draft"
    submitted_at: datetime | None = None
    opinion: str = ""
    opinion_summary: str = ""


class Shape(Struct, frozen=True):
    """A conversation, as far as the record has columns for it."""

    id: str
    address: Address
    language: str = ""
    holder: str = "bot"
    cases: tuple[CaseShape, ...] = ()


_shape = Decoder(Shape)
_given = Decoder(Given)
_papers = Decoder(tuple[Paper, ...])


def open_shape(key: bytes, conversation: str, sealed: bytes) -> Shape:
    """What `mailbox_wire.seal_state` sealed."""
    return _shape.decode(cipher.open(key, sealed, b"state:" + conversation.encode()))


def unpack_given(packed: Raw) -> Given:
    """One answer."""
    return _given.decode(packed)


def unpack_papers(packed: Raw | None) -> tuple[Paper, ...]:
    """The pages of one checklist document."""
    return () if packed is None else _papers.decode(packed)
