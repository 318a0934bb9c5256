"""What a channel is: four verbs, in the order a message meets them."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flows.messages import Address, Attachment, Update


@dataclass(frozen=True)
class Webhook:
    """One signed request. `url` is the public address that the provider called."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Incoming:
    """What a webhook held, and the body that acknowledges it."""

    updates: list[Update] = field(default_factory=list)
    answer: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True)
class Button:
    """A tap to show: its id comes back as `Message.choice`."""

    id: str
    title: str
    about: str = ""


@dataclass(frozen=True)
class OutFile:
    """A file to send. `link` is a short-lived public address of the same bytes."""

    name: str
    mime: str
    size: int
    read: Callable[[], AsyncIterator[bytes]]
    link: str = ""


@dataclass(frozen=True)
class Reply:
    """Finished words to one sender, already within the channel's limits.

    `as_list`: show the buttons as a list that opens with the title `list_title`.
    `template` and `template_params` ({"1": …}) are for a closed service window. `quote` is the
    number of the message that it answers, for providers that number them (0: none).
    """

    text: str
    buttons: tuple[Button, ...] = ()
    as_list: bool = False
    list_title: str = ""
    file: OutFile | None = None
    language: str = "en"
    template: str = ""
    template_params: Mapping[str, str] = field(default_factory=dict)
    quote: int = 0


@dataclass(frozen=True)
class Limits:
    """What a channel can show; `rows` includes the row that leads to the next page.

    `window_hours`: how long after a person's last message free words may go out (0: always).
    """

    text: int
    buttons: int
    rows: int
    button_title: int
    row_title: int
    row_about: int
    body_with_options: int
    utf16: bool = False
    window_hours: float = 0.0


class Refused(Exception):
    """A webhook that must not be worked. `status` is the HTTP status to answer."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status


class SendFailed(Exception):
    """A reply did not go out. `code` is the provider's code or an error's type name.

    `permanent`: never try again. `window_closed`: only a template message may go.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after: float = 0.0,
        window_closed: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.window_closed = window_closed


class FetchFailed(Exception):
    """A file could not be fetched; `permanent` when it never will be."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Channel(Protocol):
    """The four things a channel does, in the order a message meets them."""

    @property
    def limits(self) -> Limits: ...

    def verify(self, webhook: Webhook) -> None:
        """Raise Refused unless the provider itself sent this."""
        ...

    def parse(self, webhook: Webhook) -> Incoming:
        """The updates of a verified webhook; raise Refused(…, 400) when malformed."""
        ...

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file, streamed; raises FetchFailed."""
        ...

    async def send(self, to: Address, reply: Reply) -> str:
        """Send a reply and return the provider's id of it; raises SendFailed."""
        ...
