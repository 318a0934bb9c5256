"""Every order that a decision can give to the world: the closed union of effects."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from flows.messages import Attachment


class Key(Struct, frozen=True, tag="key"):
    """A word or sentence to be looked up in the catalog."""

    key: str
    params: dict[str, str | int] = {}


class Day(Struct, frozen=True, tag="day"):
    """A date to be shown in the person's language: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

    iso: str


class UploadLink(Struct, frozen=True, tag="upload_link"):
    """The way to the upload page of a case; its `address` is made when the bubble is sent."""

    case: str
    slot: str
    address: str = ""


Param = str | int | float | Key | Day | UploadLink | Sequence[str | Key]


class Line(Struct, frozen=True):
    """One paragraph of a bubble: a key with its parameters, or a person's own words."""

    key: str
    params: dict[str, Param] = {}
    literal: str = ""


class Option(Struct, frozen=True):
    """One tap: an id and the key of its words, or the words themselves."""

    id: str
    key: str = ""
    literal: str = ""
    about: str = ""


class Voice(Struct, frozen=True):
    """How to speak: the language, whether the illness may be named, to whom."""

    language: str = "en"
    neutral: bool = False
    to_self: bool = False


class Say(Struct, frozen=True, tag="say"):
    """One bubble. Rows beyond what a channel can show are paged (`page` from 0).

    `step` is the question that it asks, if any. An unsent bubble is replaced by a
    later one with the same `replaces`. `document` is a stored file to send along, `sheet` are
    stored pages to be shown together in one picture.
    `bot` is False for an agent's own words, which go out during a takeover.
    `template` names the message that may open a closed service window. `reply`: an answer
    to what the person just wrote, which a bubble that `silences` takes out of the queue.
    `quote` is the person's message that it is about (`Message.order`), where that is known.
    """

    lines: tuple[Line, ...]
    options: tuple[Option, ...] = ()
    voice: Voice = Voice()
    step: str = ""
    page: int = 0
    as_list: bool = False
    replaces: str = ""
    document: str = ""
    document_name: str = ""
    document_mime: str = ""
    sheet: tuple[str, ...] = ()
    case: str = ""
    bot: bool = True
    template: str = ""
    template_params: dict[str, str] = {}
    reply: bool = False
    silences: bool = False
    quote: int = 0


class SaveDocument(Struct, frozen=True, tag="save_document"):
    """Fetch a file from the provider, keep it, look at it, tell the conversation.

    `place`, `burst` and `quote` as in `DocumentKept`; `tries` is how often this page was refused.
    """

    case: str
    slot: str
    upload: str
    attachment: Attachment
    tries: int = 0
    place: int = 0
    burst: bool = False
    quote: int = 0


class ReadDocument(Struct, frozen=True, tag="read_document"):
    """In the background: mend a kept page, read it, tell the conversation."""

    case: str
    document: str


class UnlockDocument(Struct, frozen=True, tag="unlock_document"):
    """Open a kept PDF with a password, which is kept nowhere else."""

    case: str
    slot: str
    upload: str
    document: str
    password: str
    size: int = 0
    place: int = 0


class Listen(Struct, frozen=True, tag="listen"):
    """Fetch a voice note, keep it for the agents, make words of it where that is set up."""

    attachment: Attachment
    language: str


class ReadAloud(Struct, frozen=True, tag="read_aloud"):
    """Send a bubble with its words as a recording; without one where none can be made."""

    say: Say


class SubmitCase(Struct, frozen=True, tag="submit_case"):
    """Send the finished case to the review backend until it is acknowledged."""

    case: str


class TellReview(Struct, frozen=True, tag="tell_review"):
    """Tell the backend something about a submitted case (`what`: document, slot)."""

    case: str
    what: str
    detail: dict[str, str] = {}


class CallAgent(Struct, frozen=True, tag="call_agent"):
    """Put the chat into the agents' queue. `reason` is an id, never words."""

    reason: str
    urgent: bool = False


class LeaveQueue(Struct, frozen=True, tag="leave_queue"):
    """The chat no longer waits for an agent."""


class Wake(Struct, frozen=True, tag="wake"):
    """Bring `Due(what, ref)` back at the given time."""

    what: str
    at: datetime
    ref: str = ""


class EraseData(Struct, frozen=True, tag="erase_data"):
    """The person wants everything erased: lock now, destroy by the given day."""

    request: str
    by: datetime
    cases: tuple[str, ...] = ()


Effect = (
    Say
    | SaveDocument
    | ReadDocument
    | UnlockDocument
    | Listen
    | ReadAloud
    | SubmitCase
    | TellReview
    | CallAgent
    | LeaveQueue
    | Wake
    | EraseData
)
