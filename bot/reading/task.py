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
from bot.inspect_file import PHOTOS, read_heic
from bot.reading.choose import choose
from bot.reading.engine import Engine
from bot.reading.pages import pages_of
from bot.reading.turn import turned
from nlu.report.kind import kind_of
from nlu.report.number import number_of
from nlu.report.page import PageText, Text
from nlu.report.when import date_of
from nlu.report.who import patient_of

# Who reads elsewhere than in the process that opens the file.
OUTSIDE = "textract"
VIEW_SIDE, READ_SIDE, QUALITY = 1600, 2600, 80
BROKEN = (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError)


class About(msgspec.Struct, frozen=True):
    """What is suggested about a paper; see `DocumentRead`."""

    kind: str = ""
    sure: float = 0.0
    patient: str = ""
    dated: str = ""
    number: int = 0


class Read(msgspec.Struct, frozen=True):
    """What came of a file.

    With `has_view` the first file made is the page mended. `unread` are the pages (from 0)
    whose pictures follow: they are to be read elsewhere.
    """

    text: Text = Text()
    about: About = About()
    has_view: bool = False
    mended: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()


def read_task(given: dict[str, Any], files: Sequence[bytes]) -> tuple[Read, list[bytes]]:
    """Mend a photo, read all pages; `mime`, `form`, `engine` and `today` are given."""
    name, photo = given["engine"], given["mime"] in PHOTOS
    mended = _mended(files[0], given.get("form", "page")) if photo else None
    if photo and not mended:
        return Read(), []
    source = mended.jpeg if mended else files[0]
    pages, pictures = _read(source, given["mime"], None if name == OUTSIDE else _engine(name))
    text = Text(tuple(pages))
    outside = [_jpeg(picture) for picture in pictures.values()] if name == OUTSIDE else []
    unread = tuple(pictures) if outside else ()
    if not mended:
        return Read(text, about(text, given), unread=unread), outside
    turn = pages[0].turn if pages else 0
    done = tuple(dict.fromkeys((*(("turned",) if turn else ()), *mended.done)))
    view = _view(mended.jpeg, turn)
    return Read(text, about(text, given), True, done, unread), [view, *outside]


def _mended(data: bytes, form: sight.Form) -> sight.Mended | None:
    """The photo upright, flat and evenly lit; none of one that cannot be opened."""
    read_heic()
    try:
        with Image.open(io.BytesIO(data)) as image:
            seen = sight.look(image, form)
        with Image.open(io.BytesIO(data)) as image:
            plain = seen if form == "page" else replace(seen, corners=None, turn=0)
            return sight.mend(image, plain, READ_SIDE)
    except BROKEN:
        return None


def _read(
    data: bytes, mime: str, engine: Engine | None
) -> tuple[list[PageText], dict[int, Image.Image]]:
    """All pages, and the pictures of those that have no text of their own."""
    pages, pictures = list[PageText](), dict[int, Image.Image]()
    for number, page in enumerate(pages_of(data, "image/jpeg" if mime in PHOTOS else mime)):
        if isinstance(page, PageText):
            pages.append(page)
            continue
        pictures[number] = page
        pages.append(engine.read(page) if engine else PageText())
    return pages, pictures


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
