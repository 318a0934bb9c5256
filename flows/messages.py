"""Everything that can enter a conversation: the closed union of updates."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from msgspec import Struct


class Address(Struct, frozen=True):
    """Who writes (`id`, for good) and where an answer goes (`reply_to`, for now)."""

    channel: str
    id: str
    reply_to: str = ""

    @property
    def key(self) -> str:
        """One string for one conversation."""
        return f"{self.channel}:{self.id}"


class Attachment(Struct, frozen=True):
    """A file that the provider still holds. `ref` is what `Channel.fetch` needs."""

    ref: str
    mime: str = ""
    name: str = ""
    size: int = 0


class Message(Struct, frozen=True, tag="message"):
    """Words, a tap or files from a person.

    `id` is the provider's, unique for the channel. `choice` is the id of a tapped
    button. `kind` is text, photo, document, voice, audio, video, sticker, location,
    contact or other. `order` rises with the provider's own order (0: unknown).
    `quoted` is the provider's id of the message tapped or replied to. `start` is the
    payload of a deep link. `phone` is the person's own number, where they shared it.
    `masked` names what was made unreadable in `text` before it was kept (card, OTP, …).
    `written` is when, where it was found later than others. `asked` is the provider's number
    of the pending question's bubble, `unseen`: written before that could be seen. `audible`:
    a voice note can be made words of; `readable`: a question can be read aloud.
    """

    id: str
    sender: Address
    text: str = ""
    choice: str = ""
    attachments: tuple[Attachment, ...] = ()
    kind: str = "text"
    order: int = 0
    quoted: str = ""
    album: str = ""
    edited: bool = False
    start: str = ""
    phone: str = ""
    profile_name: str = ""
    language_hint: str = ""
    masked: tuple[str, ...] = ()
    written: datetime | None = None
    asked: int = 0
    unseen: bool = False
    audible: bool = False
    readable: bool = False


class Delivery(IntEnum):
    """How far a reply got; a higher one never goes back to a lower one."""

    ACCEPTED = 1
    DELIVERED = 2
    READ = 3
    FAILED = 4


class Receipt(Struct, frozen=True, tag="receipt"):
    """The provider tells how far a reply got. `message_id` is what `send` returned."""

    id: str
    sender: Address
    message_id: str
    delivery: Delivery
    code: str = ""


class Blocked(Struct, frozen=True, tag="blocked"):
    """The person shut the bot out, or let it in again (`blocked` False)."""

    id: str
    sender: Address
    blocked: bool = True


class DocumentKept(Struct, frozen=True, tag="document_kept"):
    """A page is safe with us and was looked at.

    `document` is its content hash (hex SHA-256), `verdict` ok, warn, retake,
    accepted_with_flag or refused, `reason` a short id (blurred, cut_off_left, small,
    encrypted (a PDF), locked, empty, wrong_type, too_big, gone), `pages` 1 for a photo.
    `place` is its place among the files sent for the slot, from 1; `likeness` tells whether
    two photos show one page; `view` is a copy that can be read by all (a PDF without its
    password). `burst`: it came close after another. `about` is what scan pictures tell of
    themselves (modality, study date, …; the patient's name, to be compared). `quote`: the
    `order` of the message that it came with (0: unknown).
    """

    id: str
    sender: Address
    case: str
    slot: str
    upload: str
    document: str = ""
    mime: str = ""
    size: int = 0
    pages: int = 1
    verdict: str = "ok"
    reason: str = ""
    measures: dict[str, float] = {}
    place: int = 0
    likeness: str = ""
    view: str = ""
    burst: bool = False
    about: dict[str, str] = {}
    quote: int = 0


class DocumentRead(Struct, frozen=True, tag="document_read"):
    """What a machine made of a kept page.

    `view` is the page mended, `text` what was read (`nlu.report.page.Text`), both kept by
    content hash. `kind` is a checklist id or empty, `sure` from 0 to 1; `patient` the name
    as printed; `dated` ISO; `number` the page's, as printed.
    """

    id: str
    sender: Address
    case: str
    document: str
    view: str = ""
    text: str = ""
    kind: str = ""
    sure: float = 0.0
    patient: str = ""
    dated: str = ""
    number: int = 0


class Spoken(Struct, frozen=True, tag="spoken"):
    """A voice note was kept (`document`, a content hash) and, where `tried`, made words of.

    `text` is empty where nothing could be understood.
    """

    id: str
    sender: Address
    document: str = ""
    mime: str = ""
    tried: bool = False
    text: str = ""


class CaseSent(Struct, frozen=True, tag="case_sent"):
    """The review backend acknowledged the case."""

    id: str
    sender: Address
    case: str


class CaseNews(Struct, frozen=True, tag="case_news"):
    """News from the review backend.

    `what` is status, missing, opinion, slot or talk. `detail` by kind: status:
    {status}; missing: {document, note}; opinion: {document, title, summary}; slot:
    {slot, start, end} (ISO times); talk: {start, link}.
    """

    id: str
    sender: Address
    case: str
    what: str
    detail: dict[str, str] = {}


class AgentTook(Struct, frozen=True, tag="agent_took"):
    """A support agent holds the chat from now on. `name` is shown to the person."""

    id: str
    sender: Address
    agent: str
    name: str = ""


class AgentWrote(Struct, frozen=True, tag="agent_wrote"):
    """An agent wrote, or sent a stored document."""

    id: str
    sender: Address
    agent: str
    text: str = ""
    document: str = ""
    name: str = ""
    mime: str = ""


class AgentLeft(Struct, frozen=True, tag="agent_left"):
    """The agent hands the chat back to the bot."""

    id: str
    sender: Address
    agent: str


class Due(Struct, frozen=True, tag="due"):
    """A time that was waited for has come. `what` as in the effect `Wake`."""

    id: str
    sender: Address
    what: str
    ref: str = ""
    detail: dict[str, Any] = {}


Update = (
    Message
    | Receipt
    | Blocked
    | DocumentKept
    | DocumentRead
    | Spoken
    | CaseSent
    | CaseNews
    | AgentTook
    | AgentWrote
    | AgentLeft
    | Due
)
