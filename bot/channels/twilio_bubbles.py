"""From a finished reply to the messages that WhatsApp can show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels import Button, Limits, Reply, SendFailed
from bot.channels.fit import split
from bot.channels.twilio_content import Filled, list_picker, quick_reply

LIMITS = Limits(
    text=1600,
    buttons=3,
    rows=10,
    button_title=20,
    row_title=24,
    row_about=72,
    body_with_options=1024,
    window_hours=24,
)
OPTION_ID = 200
CAPTION = 1024


@dataclass(frozen=True)
class Bubble:
    """One message to create. `plain` is the same as `filled` without taps."""

    text: str = ""
    link: str = ""
    filled: Filled | None = None
    plain: tuple[str, ...] = ()


def bubbles(reply: Reply) -> list[Bubble]:
    """The messages of a reply in order; the taps are on the last one."""
    if not reply.file:
        return _words(reply)
    captioned = reply.file.mime.startswith("image/") and len(reply.text) <= CAPTION
    if captioned and not reply.buttons:
        return [Bubble(reply.text, reply.file.link)]
    # Twilio drops the words beside a document, a video or a sound.
    return [
        Bubble(link=reply.file.link),
        *(_words(reply) if reply.text.strip() or reply.buttons else []),
    ]


def _words(reply: Reply) -> list[Bubble]:
    text = reply.text.strip() or ("…" if reply.buttons else "")
    if not text:
        raise SendFailed("nothing_to_send", permanent=True)
    if not reply.buttons:
        return [Bubble(piece) for piece in split(text, LIMITS.text, len)]
    *before, last = split(text, LIMITS.body_with_options, len)
    return [*map(Bubble, before), *_tappable(last, reply)]


def _tappable(text: str, reply: Reply) -> list[Bubble]:
    plain = tuple(split(numbered(text, reply.buttons), LIMITS.text, len))
    if filled := _filled(text, reply):
        return [Bubble(filled=filled, plain=plain)]
    return [Bubble(piece) for piece in plain]


def numbered(text: str, buttons: Sequence[Button]) -> str:
    """The same question without taps: a number is an answer too."""
    rows = [f"{number}. {_described(button)}" for number, button in enumerate(buttons, 1)]
    return "\n".join([text, "", *rows])


def _described(button: Button) -> str:
    return f"{button.title} ({button.about})" if button.about else button.title


def _filled(text: str, reply: Reply) -> Filled | None:
    if any(not b.title.strip() or not 0 < len(b.id) <= OPTION_ID for b in reply.buttons):
        return None
    if reply.as_list or len(reply.buttons) > LIMITS.buttons:
        return list_picker(text, reply.list_title or "☰", reply.buttons) if _rows(reply) else None
    fits = all(len(button.title) <= LIMITS.button_title for button in reply.buttons)
    return quick_reply(text, reply.buttons) if fits else None


def _rows(reply: Reply) -> bool:
    return (
        len(reply.buttons) <= LIMITS.rows
        and len(reply.list_title) <= LIMITS.button_title
        and all(len(button.title) <= LIMITS.row_title for button in reply.buttons)
        and all(len(button.about) <= LIMITS.row_about for button in reply.buttons)
    )
