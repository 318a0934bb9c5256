"""How the mailbox writes things down: msgpack, sealed with the conversation's key."""

from collections.abc import Sequence
from hashlib import blake2b

from msgspec import Struct, structs
from msgspec.msgpack import Decoder, Encoder

from flows.conversation import Conversation
from flows.effects import Effect, Say
from flows.messages import Address, AgentWrote, Message, Update
from storage import cipher
from storage.mailbox_log import LogEntry

Name = str | bytes


class Parcel(Struct, frozen=True, array_like=True):
    """An effect on its way, and to whom."""

    to: Address
    effect: Effect


_encoder = Encoder()
_state = Decoder(Conversation)
_update: Decoder[Update] = Decoder(Update)
_parcel = Decoder(Parcel)
_entry = Decoder(LogEntry)


def conversation_id(index_key: bytes, address: Address) -> str:
    """The name of a conversation in storage, from which nobody can be found."""
    return cipher.blind_index(index_key, address.key)[:32]


def subject(conversation: str) -> str:
    """What a conversation's key is called in the keyring."""
    return f"conversation:{conversation}"


def seal_state(key: bytes, state: Conversation) -> bytes:
    """A conversation as it is stored."""
    return cipher.seal(key, _encoder.encode(state), b"state:" + state.id.encode())


def open_state(key: bytes, conversation: str, sealed: bytes) -> Conversation:
    """A stored conversation."""
    return _state.decode(cipher.open(key, sealed, b"state:" + conversation.encode()))


def seal_update(key: bytes, conversation: str, update: Update) -> bytes:
    """A waiting update as it is stored."""
    return cipher.seal(key, _encoder.encode(update), b"in:" + conversation.encode())


def open_update(key: bytes, conversation: str, sealed: bytes) -> Update:
    """A stored update."""
    return _update.decode(cipher.open(key, sealed, b"in:" + conversation.encode()))


def seal_parcel(key: bytes, conversation: str, parcel: Parcel) -> bytes:
    """A committed effect as it is stored."""
    return cipher.seal(key, _encoder.encode(parcel), b"out:" + conversation.encode())


def open_parcel(key: bytes, conversation: str, sealed: bytes) -> Parcel:
    """A stored effect."""
    return _parcel.decode(cipher.open(key, sealed, b"out:" + conversation.encode()))


def open_logged(key: bytes, entry: LogEntry) -> Update | Effect:
    """The words (or the given-up effect) of a log entry that has any."""
    if entry.kind == "in":
        return open_update(key, entry.conversation, entry.sealed)
    return open_parcel(key, entry.conversation, entry.sealed).effect


def what(item: Update | Effect) -> str:
    """How the log names a thing with words in it; empty for all others."""
    match item:
        case Message():
            return "message"
        case AgentWrote():
            return "agent_wrote"
        case Say():
            return "say"
        case _:
            return ""


def head(entry: LogEntry) -> bytes:
    """The open part of a log entry; what is sealed follows it directly."""
    packed = _encoder.encode(entry)
    return len(packed).to_bytes(2, "big") + packed


def split(raw: bytes) -> tuple[LogEntry, bytes]:
    """A log entry's open part and what follows it."""
    end = 2 + int.from_bytes(raw[:2], "big")
    return _entry.decode(raw[2:end]), raw[end:]


def entry(raw: bytes) -> LogEntry:
    """A stored log entry."""
    opened, tail = split(raw)
    if opened.kind != "status":
        return structs.replace(opened, sealed=tail)
    # Redis added whose news it is: only there was it known.
    conversation, _, effect = tail.decode().partition(" ")
    return structs.replace(opened, conversation=conversation, id=effect)


def fingerprint(text: str) -> bytes:
    """A short stand-in for an id or a tag that is only compared."""
    return blake2b(text.encode(), digest_size=9).digest()


def in_order(updates: Sequence[Update]) -> tuple[Update, ...]:
    """Messages by the provider's order among themselves; all others keep their places."""
    known = [n for n, each in enumerate(updates) if isinstance(each, Message) and each.order > 0]
    ranked = sorted((updates[n] for n in known), key=_order)
    result = list(updates)
    for place, update in zip(known, ranked, strict=True):
        result[place] = update
    return tuple(result)


def _order(update: Update) -> int:
    return update.order if isinstance(update, Message) else 0
