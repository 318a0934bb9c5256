"""A bench to bind cases at: a real document store in a folder, the work done in place."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
from msgspec.structs import replace
from PIL import Image

from bot.review.binding.memory import Memory
from bot.review.binding.reads import Reads
from bot.review.binding.values import Plain, Summariser
from bot.review.derived import Derived
from bot.workshop.here import Here, Workshop
from flows.conversation import Case, Paper
from nlu.report.page import Line, PageText, Text
from storage.cipher import new_key
from storage.documents import Documents, once, open_documents, whole

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMIT = 200_000_000


class Keys:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}

    async def key(self, subject: str) -> bytes:
        return self.keys.setdefault(subject, new_key())

    async def keep(self, subject: str) -> None:
        """Nothing to do: it lasts as long as the test."""


@dataclass
class Bench:
    """What binding needs of an App."""

    folder: Path
    bindery: Workshop = field(default_factory=Here)
    reads: Reads = field(default_factory=Reads)
    summariser: Summariser = field(default_factory=Plain)
    binding: Memory = field(default_factory=Memory)
    case: Case = field(default_factory=lambda: Case("case-1", "C-TEST-0009"))
    documents: Documents = field(init=False)

    def __post_init__(self) -> None:
        self.documents = open_documents("", "", "", Keys(), self.folder)

    async def put(self, slot: str, data: bytes, mime: str = "image/jpeg", **more: Any) -> Paper:
        """A file of a document arrives; `text` and `view` are kept as the bot keeps them."""
        for name in ("text", "view"):
            if name in more:
                more[name] = await self._keep(_bytes(more[name]))
        paper = Paper(await self._keep(data), mime, len(data), at=NOON, **more)
        papers = {**self.case.papers, slot: (*self.case.papers.get(slot, ()), paper)}
        self.case = replace(self.case, papers=papers)
        return paper

    async def data(self, made: Derived) -> bytes:
        """The bytes of a made file."""
        return await whole(self.documents, self.case.id, made.document)

    async def _keep(self, data: bytes) -> str:
        kept = await self.documents.keep(self.case.id, once(data), LIMIT)
        return kept.document


def read(*lines: str, turn: int = 0, top: float = 0.1) -> Text:
    """One page on which these lines were read, one below the other."""
    rows = [(text, top + 0.05 * place) for place, text in enumerate(lines)]
    found = tuple(Line(text, (0.1, at, 0.6, at + 0.025)) for text, at in rows)
    return Text((PageText(found, turn),))


def texts(pdf: bytes) -> list[str]:
    """What can be copied from each page, by a viewer's own library."""
    with opened(pdf) as found:
        return [page.get_textpage().get_text_range() for page in found]


def pictures(pdf: bytes, scale: float = 0.5) -> list[Image.Image]:
    """Each page as a viewer shows it."""
    with opened(pdf) as found:
        return [page.render(scale=scale).to_pil().convert("L") for page in found]


def opened(pdf: bytes) -> Any:
    """The PDF in a viewer's library."""
    document: Any = pypdfium2.PdfDocument
    return document(BytesIO(pdf), autoclose=True)


def marked(width: int = 600, height: int = 800, corner: str = "upper left") -> Image.Image:
    """A white page with a black square in one corner: it tells which way a page lies."""
    page = Image.new("RGB", (width, height), "white")
    down, across = corner.split()
    x = 0 if across == "left" else width - 200
    y = 0 if down == "upper" else height - 200
    page.paste("black", (x, y, x + 200, y + 200))
    return page


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """An image file."""
    kept = BytesIO()
    image.save(kept, kind, **more)
    return kept.getvalue()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else msgspec.json.encode(value)
