"""What the background does with a kept file, as tasks of a workshop: mend, read, tell about it."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from PIL import Image

from bot.inspect_file import PHOTOS
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
VIEW_SIDE, QUALITY = 1600, 80
SHOWN = (*PHOTOS,)


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
    """Mend a photo, read all pages; `mime` and the `engine` are given."""
    mime, name = given["mime"], given["engine"]
    engine = None if name == OUTSIDE else _engine(name)
    pages, pictures, unread = list[PageText](), list[Image.Image](), list[int]()
    for number, page in enumerate(pages_of(files[0], mime)):
        if isinstance(page, PageText):
            pages.append(page)
            continue
        pages.append(engine.read(page) if engine else PageText())
        if name == OUTSIDE:
            unread.append(number)
        if name == OUTSIDE or mime in SHOWN:
            pictures.append(page)
    has_view = mime in SHOWN and bool(pictures)
    made = [_view(pictures[0], pages[0].turn)] if has_view else []
    made += [_jpeg(pictures[place]) for place in range(len(unread))]
    text = Text(tuple(pages))
    mended = ("turned",) if has_view and pages[0].turn else ()
    return Read(text, about(text), has_view, mended, tuple(unread)), made


def about_task(_: dict[str, Any], files: Sequence[bytes]) -> tuple[About, list[bytes]]:
    """What is suggested about a text that was read elsewhere."""
    return about(msgspec.json.decode(files[0], type=Text)), []


def about(text: Text) -> About:
    """What is suggested about a paper with this text."""
    guess, pages = kind_of(text.pages), text.pages
    printed = number_of(pages[0]) if len(pages) == 1 else None
    return About(
        guess.kind, guess.sure, patient_of(pages), date_of(pages), printed[0] if printed else 0
    )


@cache
def _engine(name: str) -> Engine | None:
    """Loaded once in each process."""
    return choose(name)  # type: ignore[arg-type]


def _view(picture: Image.Image, turn: int) -> bytes:
    view = turned(picture, turn)
    view.thumbnail((VIEW_SIDE, VIEW_SIDE))
    return _jpeg(view)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
