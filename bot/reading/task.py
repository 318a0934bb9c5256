"""What the background does with a kept file, as tasks of a workshop: mend, read, tell about it."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import msgspec
from PIL import Image, UnidentifiedImageError

from bot import sight
from bot.found import PDF, WORD
from bot.photos import read_heic
from bot.reading.choose import choose
from bot.reading.engine import Engine
from bot.reading.read import read
from bot.reading.told import ASIDE, OUTSIDE, About, Read
from bot.reading.turn import turned
from nlu.report.kind import kind_of
from nlu.report.number import number_of
from nlu.report.page import PageText, Text
from nlu.report.when import date_of
from nlu.report.who import patient_of
from storage.documents_mime import PHOTOS

VIEW_SIDE, READ_SIDE, QUALITY = 1600, 2600, 80
BROKEN = (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError)


class Aside:
    """Stands in for an engine that is elsewhere: keeps the pictures for it."""

    def __init__(self) -> None:
        self.pictures: list[bytes] = []

    def read(self, image: Image.Image) -> PageText:
        """Nothing is read; the picture waits."""
        self.pictures.append(_jpeg(image))
        return PageText(engine=ASIDE)


def read_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[Read, list[bytes]]:
    """Mend a photo, read all pages; `mime`, `form`, `engine` and `today` are given."""
    source, mime, aside = files[0], given["mime"], Aside()
    photo = mime in PHOTOS
    if mime == WORD:
        source, mime = _as_pdf(source), PDF
    elif photo:
        source, mime = _mended(source, given.get("form", "page")), "image/jpeg"
    text = read(source, mime, aside if given["engine"] == OUTSIDE else _engine(given["engine"]))
    views = [_view(source, text.pages[0].turn)] if photo and text.pages else []
    views += [source] if given["mime"] == WORD and source else []
    return Read(text, about(text, given), bool(views)), [*views, *aside.pictures]


def _as_pdf(word: bytes) -> bytes:
    # Not with the others: hardly anybody sends Word, and its libraries take a second.
    from bot.reading.word import as_pdf

    return as_pdf(word)


def _mended(data: bytes, form: sight.Form) -> bytes:
    """The photo upright, flat and evenly lit; nothing of one that cannot be opened."""
    read_heic()
    try:
        with Image.open(io.BytesIO(data)) as image:
            seen = sight.look(image, form)
        with Image.open(io.BytesIO(data)) as image:
            plain = seen if form == "page" else replace(seen, corners=None, turn=0)
            return sight.mend(image, plain, READ_SIDE).jpeg
    except BROKEN:
        return b""


def about_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[About, list[bytes]]:
    """What is suggested about a text that was read elsewhere."""
    return about(msgspec.json.decode(files[0], type=Text), given), []


def about(text: Text, given: dict[str, Any]) -> About:
    """What is suggested about a paper with this text; `today` is given (ISO)."""
    guess, pages = kind_of(text.pages), text.pages
    dated = date_of(pages, date.fromisoformat(given["today"]))
    printed = number_of(pages[0]) if len(pages) == 1 else None
    return About(guess.kind, guess.sure, patient_of(pages), dated, printed[0] if printed else 0)


@cache
def _engine(name: str) -> Engine | None:
    """Loaded once in each process."""
    return choose(name)  # type: ignore[arg-type]


def _view(mended: bytes, turn: int) -> bytes:
    """The mended page as it was read, in a size for phones."""
    picture = turned(Image.open(io.BytesIO(mended)), turn)
    picture.thumbnail((VIEW_SIDE, VIEW_SIDE))
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
