"""What a decision came to, before its words are joined into one bubble."""

from msgspec import Struct

from flows.conversation import Conversation
from flows.effects import Effect


class Outcome(Struct, frozen=True):
    """The conversation afterwards and the orders given.

    `ask`: the pending question follows in the same bubble.
    """

    conversation: Conversation
    effects: list[Effect] = []
    ask: bool = True
