"""What the mailbox hands to the record: checkpoints of conversations and a log of words."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from flows.messages import Delivery


class Checkpoint(Struct, frozen=True):
    """A conversation as last committed; a higher `rev` is newer, even after Redis was emptied.

    `sealed` is opened with the key of `conversation:<id>` by `mailbox_wire.open_state`.
    """

    conversation: str
    rev: int
    sealed: bytes


class LogEntry(Struct, frozen=True, array_like=True):
    """One line of the log.

    `kind` in: an update was worked (`id` is the update's). out: a bubble was sent or
    given up (`id` is the effect's). status: news of a sent bubble (`id` as in out).
    dead: an effect was given up (`id` as in out; not part of the log).

    `what` names the sealed thing: message, agent_wrote or say (dead: any effect); it is
    opened with the key of `conversation:<id>` by `mailbox_wire.open_logged`.
    """

    kind: Literal["in", "out", "status", "dead"]
    id: str
    conversation: str
    at: datetime
    what: str = ""
    message_id: str = ""
    delivery: Delivery | None = None
    code: str = ""
    sealed: bytes = b""
