"""How a reply looks in Telegram: which messages it becomes, how its buttons stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, cast

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile

from bot.channels import Button, OutFile, Reply
from bot.channels.fit import split, utf16
from bot.channels.telegram_http import Upload

TEXT = 4096
CAPTION = 1024
SHORT_TITLE = 18


@dataclass(frozen=True)
class Bubble:
    """One message: words, or a file with words under it."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    file: OutFile | None = None
    quote: int = 0


def bubbles(reply: Reply) -> Iterator[Bubble]:
    """The messages that a reply becomes; the buttons hang on the last one."""
    buttons, quote = keyboard(reply), reply.quote
    if reply.file and utf16(reply.text) <= CAPTION:
        yield Bubble(reply.text, buttons, reply.file, quote)
        return
    if reply.file:
        yield Bubble("", file=reply.file, quote=quote)
    *parts, last = split(reply.text, TEXT, utf16)
    yield from (Bubble(part, quote=quote) for part in parts)
    yield Bubble(last, buttons, quote=quote)


class Keyboard(InlineKeyboardMarkup):
    """Buttons that are written out once: many chats see the same ones."""

    __slots__ = ("_written",)

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:
        """As PTB writes it."""
        try:
            return self._written
        except AttributeError:
            self._written: dict[str, Any] = super().to_dict(recursive)
            return self._written


def keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """The buttons under a message: lists in one column, short titles two by two."""
    return _keyboard(reply.buttons, reply.as_list) if reply.buttons else None


@lru_cache(1024)
def _keyboard(buttons: tuple[Button, ...], as_list: bool) -> Keyboard:
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and not as_list and _beside(rows[-1], button):
            rows[-1].append(button)
        else:
            rows.append([button])
    return Keyboard([[_key(button) for button in row] for row in rows])


def input_file(file: OutFile) -> InputFile:
    """A file that PTB passes on unread, to be streamed by `AiohttpRequest`."""
    upload = cast(IO[bytes], Upload(file.read, file.size))
    found = InputFile(upload, filename=_safe(file.name), read_file_handle=False)
    if file.mime:
        found.mimetype = file.mime
    return found


def _key(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(button.title, callback_data=button.id)


def _beside(row: list[Button], button: Button) -> bool:
    return len(row) == 1 and _short(row[0]) and _short(button)


def _short(button: Button) -> bool:
    return len(button.title) <= SHORT_TITLE


def _safe(name: str) -> str:
    """The name stands between quotes in a header line."""
    kept = "".join(char for char in name if char.isprintable())
    return kept.replace('"', "'").replace("\\", "_") or "document"
