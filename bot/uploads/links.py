"""A link to the upload page: for one case, for a day, and opaque to everybody else."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flows.effects import Line, Param, Say, UploadLink
from storage import cipher

PLACE = b"upload link"
PAGE = "/upload"
PACKED = tuple[bytes, bytes, str, str, int]


class Link(msgspec.Struct, frozen=True):
    """What a link grants: files into this slot of this case. `until` is a POSIX time.

    The names of conversation and case are hexadecimal.
    """

    conversation: str
    case: str
    slot: str
    language: str
    until: int


class LinkWrong(Exception):
    """Not a link of ours; `language` is known where it merely expired."""

    def __init__(self, language: str = "") -> None:
        super().__init__("expired" if language else "wrong")
        self.language = language


@dataclass(frozen=True)
class Links:
    """Makes links and opens them. `base` is the public address, `key` is for this alone."""

    base: str
    key: bytes
    hours: int

    def address(self, conversation: str, to: UploadLink, language: str, now: datetime) -> str:
        """The address that a person is sent."""
        until = int((now + timedelta(hours=self.hours)).timestamp())
        token = self.token(Link(conversation, to.case, to.slot, language, until))
        # Behind the hash: no browser sends that part to a server, and no log has it.
        return f"{self.base}{PAGE}#{token}"

    def token(self, link: Link) -> str:
        """The part of the address that grants; sealed, so it is signed as well."""
        # As bytes, not as hexadecimal letters: an address is copied, and read aloud.
        names = bytes.fromhex(link.conversation), bytes.fromhex(link.case)
        plain = msgspec.msgpack.encode((*names, link.slot, link.language, link.until))
        sealed = cipher.seal(self.key, plain, PLACE)
        # Letters and digits alone: to a chat other signs may end an address, or begin italics.
        return base64.b32encode(sealed).decode().rstrip("=").lower()

    def open(self, token: str, now: datetime) -> Link:
        """What a token grants now; raises LinkWrong."""
        try:
            sealed = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
            plain = cipher.open(self.key, sealed, PLACE)
        except (binascii.Error, ValueError, cipher.SealedWrong):
            raise LinkWrong from None
        conversation, case, *rest = msgspec.msgpack.decode(plain, type=PACKED)
        link = Link(conversation.hex(), case.hex(), *rest)
        if link.until <= now.timestamp():
            raise LinkWrong(link.language)
        return link

    def filled(self, conversation: str, say: Say, now: datetime) -> Say:
        """The bubble with an address where the dialogue asked for one."""
        language = say.voice.language

        def fill(value: Param) -> Param:
            if not isinstance(value, UploadLink):
                return value
            made = self.address(conversation, value, language, now)
            return msgspec.structs.replace(value, address=made)

        return msgspec.structs.replace(say, lines=tuple(_each(line, fill) for line in say.lines))


def _each(line: Line, fill: Callable[[Param], Param]) -> Line:
    params = {name: fill(value) for name, value in line.params.items()}
    return msgspec.structs.replace(line, params=params) if params else line
