"""All we know of one sender's talk, for good; what a turn starts from and ends with."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from flows.effects import Say
from flows.messages import Address, Attachment
from nlu.meaning import Meaning

FLOW_VERSION = 1


class Given(Struct, frozen=True):
    """One answer. `how` is given, skipped or unknown; `said` is what the person typed."""

    value: Any
    at: datetime
    how: str = "given"
    said: str = ""


class Paper(Struct, frozen=True):
    """One file of a checklist document: a photo is one page, a PDF may have many.

    `view` is the page as we mended it, `text` what a machine read on it (both stored
    beside the untouched `document`, by content hash; of a PDF with a password `view` is the
    opened copy). `likeness` tells whether two photos show one page; `same_as` is the earlier
    one that it looks like: it is kept, but not counted. `place` orders the pages of a slot.
    Read on it: `kind` (a checklist id), `dated` (ISO), `number` (the page's, as
    printed). `about`: what scan pictures tell of themselves.
    """

    document: str
    mime: str
    size: int
    pages: int = 1
    verdict: str = "ok"
    at: datetime | None = None
    measures: dict[str, float] = {}
    view: str = ""
    text: str = ""
    likeness: str = ""
    dated: str = ""
    number: int = 0
    place: int = 0
    same_as: str = ""
    kind: str = ""
    about: dict[str, str] = {}


class Failed(Struct, frozen=True):
    """A page that was asked for again: its place among the pages sent, how often, its look.

    `alone`: it did not come among others.
    """

    place: int
    tries: int = 1
    likeness: str = ""
    alone: bool = True


class Locked(Struct, frozen=True):
    """A kept PDF whose password is asked for."""

    case: str
    slot: str
    upload: str
    document: str
    size: int = 0
    place: int = 0
    tries: int = 0


class Case(Struct, frozen=True):
    """One request for a second opinion, from its first answer to the talk afterwards.

    `status` is draft, submitting, or one of the seven of `service.yml`. `papers` and
    `waivers` are by checklist id, `wanted` what the backend asked for later. `noted` are
    questions kept for the experts on the way. By checklist id too: `sent`, how many files
    came; `failed`, pages asked for again; `arranged`: the person put the pages in order.
    `suggested` are things about papers that were asked once.
    """

    id: str
    number: str
    answers: dict[str, Given] = {}
    papers: dict[str, tuple[Paper, ...]] = {}
    waivers: dict[str, str] = {}
    sent: dict[str, int] = {}
    failed: dict[str, tuple[Failed, ...]] = {}
    arranged: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    status: str = "draft"
    submitted_at: datetime | None = None
    opinion: str = ""
    opinion_summary: str = ""
    talk: str = ""
    wanted: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()

    def value(self, name: str) -> Any:
        """The value of an answer, None when it was not given."""
        given = self.answers.get(name)
        return given.value if given and given.how == "given" else None


class Heard(Struct, frozen=True):
    """What a machine understood, until the person says that it is right.

    `words` of a voice note, or the answer that a model guessed (`words` empty).
    """

    meaning: Meaning
    words: str = ""


class Note(Struct, frozen=True):
    """A voice note that was kept, by its content hash."""

    document: str
    mime: str


class Conversation(Struct, frozen=True):
    """The whole state of one chat.

    `step` is the pending question and `detail` what is known within it; `trail` the
    steps answered before (for `back`). `held` is a first message, kept until the
    consents; `offered` what it says, to be confirmed. `unsaid` waits for the person's
    next message (closed service window). `holder` is bot, queue or agent. `order` is the
    provider's place of the latest message heard (0: unknown); `one_row`: it has been seen to
    number the messages of both sides in one row. `heard` is to be confirmed before anything
    else; `notes` are for the agents' ears; `tongues` are languages that were offered.
    `readable`: questions can be read aloud. `last_file`: when a file last came; `locked`: the
    next words are the password of that PDF.
    """

    id: str
    address: Address
    seed: str
    language: str = ""
    step: str = "language"
    detail: dict[str, Any] = {}
    trail: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    current: int = 0
    held: str = ""
    held_files: tuple[Attachment, ...] = ()
    offered: dict[str, Any] = {}
    unsaid: tuple[Say, ...] = ()
    misses: int = 0
    holder: str = "bot"
    waiting_since: datetime | None = None
    stopped: bool = False
    blocked: bool = False
    erased: bool = False
    cards: dict[str, datetime] = field(default_factory=dict)
    profile_name: str = ""
    phone: str = ""
    last_heard: datetime | None = None
    order: int = 0
    one_row: bool = False
    heard: Heard | None = None
    notes: tuple[Note, ...] = ()
    tongues: tuple[str, ...] = ()
    readable: bool = False
    last_file: datetime | None = None
    locked: Locked | None = None
    flow_version: int = FLOW_VERSION

    @property
    def case(self) -> Case:
        """The case that is being talked about."""
        return self.cases[self.current]
