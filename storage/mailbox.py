"""The promises of the mailbox: one way in, one way out, one commit a turn."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

from msgspec import Struct

from flows.conversation import Conversation
from flows.effects import Effect, Say, UnlockDocument
from flows.messages import Address, Delivery, Message, Update


class Asked(Struct, frozen=True):
    """The question that was shown last: its step and the provider's number of its bubble.

    Of the same question asked again, the first bubble counts.
    """

    step: bytes = b""
    order: int = 0

    def number_of(self, step: str) -> int:
        """The number of the bubble that asked this, 0 where it is not known."""
        return self.order if step_mark(step) == self.step else 0


class Turn(Struct, frozen=True):
    """One worker's go at one conversation. `fence` rises with every go.

    `again` are updates of the turn before, taken back because newer ones were overtaken.
    """

    conversation: Conversation
    updates: tuple[Update, ...]
    fence: int
    again: tuple[Update, ...] = ()
    asked: Asked = Asked()


class Outgoing(Struct, frozen=True):
    """A committed effect, leased to one deliverer. `id` is the same at every attempt."""

    id: str
    conversation: str
    to: Address
    effect: Effect
    attempt: int = 0


UNDO_SECONDS = 15.0


def step_mark(step: str) -> bytes:
    """A short stand-in for a step, which is only compared."""
    return blake2b(step.encode(), digest_size=6).hexdigest().encode()


def asked(effect: Effect, message_id: str) -> Asked | None:
    """What a sent bubble asked, where the provider numbers its messages."""
    if not (isinstance(effect, Say) and effect.step and message_id.isdecimal()):
        return None
    return Asked(step_mark(effect.step), int(message_id))


def undoable(turn: Turn, effects: Sequence[Effect]) -> bool:
    """Whether a turn may be taken back: typed words in, words out."""
    typed = all(isinstance(each, Message) and each.order for each in turn.updates)
    return typed and not turn.again and all(isinstance(each, Say) for each in effects)


def unwritten(effects: Sequence[Effect]) -> bool:
    """Whether what was said in a turn goes into no log: it was a password."""
    return any(isinstance(each, UnlockDocument) for each in effects)


class Mailbox(Protocol):
    """What lies between the web process, the workers and the deliverers."""

    async def put(self, updates: Sequence[Update], *, claim: bool = False) -> list[Turn]:
        """Keep updates, each once for good; with `claim`, turns that may start at once."""
        ...

    async def take(self) -> Turn | None:
        """The longest-waiting conversation with its updates, leased to the caller."""
        ...

    async def commit(
        self, turn: Turn, after: Conversation, effects: Sequence[Effect], *, claim: bool = False
    ) -> list[Outgoing] | None:
        """State, inbox trimmed and effects kept: all, or None when the turn was overtaken.

        With `claim`, what may go out at once is leased to the caller.
        """
        ...

    async def undone(self, turn: Turn) -> Turn:
        """The turn with the one before it taken back; as it is where that cannot be any more.

        Only a turn of messages that led to nothing but words can be taken back, for some
        seconds, and only once.
        """
        ...

    async def release(self, turn: Turn, delay: float) -> None:
        """Give a turn back untouched, to be taken again after `delay` seconds."""
        ...

    async def next_outgoing(self) -> Outgoing | None:
        """The next effect due. Bubbles of one conversation come one by one, in order."""
        ...

    async def done(self, outgoing: Outgoing, message_id: str = "") -> list[Outgoing]:
        """An effect was carried out; what may follow it is leased to the caller."""
        ...

    async def again(self, outgoing: Outgoing, delay: float) -> None:
        """Try an effect again after `delay` seconds; the conversation's order stays."""
        ...

    async def give_up(self, outgoing: Outgoing, code: str) -> None:
        """Move an effect to the dead letters, so that the next one may go."""
        ...

    async def receipt(self, channel: str, message_id: str, how_far: Delivery, code: str) -> None:
        """How far a sent reply got, by the provider's id of it."""
        ...

    async def wait(self, seconds: float) -> None:
        """Sleep until something may be ready, at most `seconds`."""
        ...
