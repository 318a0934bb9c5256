"""The whole case as one PDF: an index with links, then every document, oldest first."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pikepdf
from msgspec import Struct
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf

from bot.review.binding.bind import title
from bot.review.binding.clean import opened, saved
from bot.review.binding.index import Index, Row, index
from bot.review.binding.sheet import Part, by_date, day

ABOUT = (
    "In the order of the checklist, each document's papers by the date on them. A page keeps the "
    "number that it has within its document. Every original file lies beside this dossier."
)


class Paper(Struct, frozen=True):
    """One paper of a part: its row in the index, its pages in the part's bound PDF."""

    row: Row
    pages: tuple[int, ...]


def dossier(
    number: str, parts: Sequence[Part], pdfs: Sequence[bytes], missing: Sequence[str]
) -> bytes:
    """All parts in one PDF; `pdfs` are the parts' bound ones, empty where a part has none.

    `missing` are lines about what cannot be had. The same parts give the same bytes.
    """
    papers = list(_numbered(parts))
    first = index(number, [paper.row for _, paper in papers], missing, ABOUT)
    with ExitStack() as stack, pikepdf.new() as pdf:
        pdf.pages.extend(stack.enter_context(opened(first.pdf)).pages)
        for place, data in enumerate(pdfs):
            if data:
                source = stack.enter_context(opened(data))
                _append(pdf, source, [paper for at, paper in papers if at == place])
        _link(pdf, first, [paper.row for _, paper in papers])
        _bookmarks(pdf, parts, papers, first.pages)
        title(pdf, f"Case {number}: documents")
        return saved(pdf)


def _numbered(parts: Sequence[Part]) -> Iterator[tuple[int, Paper]]:
    """Every paper in the order of the dossier, with the place of its part."""
    at = 0
    for place, part in enumerate(parts):
        starts = [sum(part.pages[:n]) for n in range(len(part.pages))]
        for sheets in by_date(part.sheets):
            pages = [starts[n] + page for n in sheets for page in range(part.pages[n])]
            notes = dict.fromkeys(note for n in sheets for note in part.sheets[n].notes)
            dated = day(part.sheets[sheets[0]].dated)
            row = Row(part.label, dated, len(pages), at if pages else None, tuple(notes))
            yield place, Paper(row, tuple(pages))
            at += len(pages)


def _append(pdf: Pdf, source: Pdf, papers: Sequence[Paper]) -> None:
    for paper in papers:
        for page in paper.pages:
            pdf.pages.append(source.pages[page])


def _link(pdf: Pdf, first: Index, rows: Sequence[Row]) -> None:
    for page, place, number in first.links:
        at = rows[number].at
        if at is None:
            continue
        target = pdf.pages[first.pages + at].obj
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([round(value, 2) for value in place]),
            Border=Array([0, 0, 0]),
            Dest=Array([target, Name.Fit]),
        )
        links = pdf.pages[page].obj.get("/Annots", Array())
        links.append(pdf.make_indirect(link))
        pdf.pages[page].obj.Annots = links


def _bookmarks(
    pdf: Pdf, parts: Sequence[Part], papers: Sequence[tuple[int, Paper]], before: int
) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem("Index", 0))
        for place, part in enumerate(parts):
            bound = [paper for at, paper in papers if at == place and paper.pages]
            if bound:
                outline.root.append(_kind(part.label, bound, before))


def _kind(label: str, papers: Sequence[Paper], before: int) -> OutlineItem:
    kind = OutlineItem(label, before + (papers[0].row.at or 0))
    kind.is_closed = False
    for number, paper in enumerate(papers, 1):
        start = before + (paper.row.at or 0)
        name = paper.row.dated or (f"{label} {number}" if len(papers) > 1 else label)
        one = OutlineItem(name, start)
        pages = range(len(paper.pages))
        one.children.extend(OutlineItem(f"Page {n + 1}", start + n) for n in pages)
        kind.children.append(one)
    return kind
