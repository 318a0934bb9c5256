"""Several photos and PDFs of one document as one PDF, its pages in their order."""

from collections.abc import Iterator, Sequence

import pikepdf
from pikepdf import Dictionary, OutlineItem, Pdf

from bot.review.binding.clean import clean, opened, saved
from bot.review.binding.leaf import Fonts, put
from bot.review.binding.picture import upright
from bot.review.binding.sheet import Bound, Sheet, Unusable, day
from bot.review.binding.words import add_words


def bind(sheets: Sequence[Sheet], label: str) -> Bound:
    """The pages of the sheets in this order; a sheet that cannot be taken has none.

    Each page has a bookmark (label, date, place); photos have a footer. No date, no chance:
    the same sheets give the same bytes.
    """
    leaves = [_leaf(sheet) for sheet in sheets]
    pages = tuple(count for _, count in leaves)
    with pikepdf.new() as pdf:
        fonts, at = Fonts.of(pdf), 0
        for sheet, (data, count) in zip(sheets, leaves, strict=True):
            if count and sheet.photographed:
                footer = f"{label} \u00b7 page {at + 1} of {sum(pages)} \u00b7 photographed"
                read = sheet.text.pages[0] if sheet.text.pages else None
                put(pdf, fonts, data, footer, read)
            elif count:
                _copied(pdf, fonts, data, sheet)
            at += count
        _bookmarks(pdf, sheets, pages, label)
        title(pdf, label)
        return Bound(saved(pdf) if at else b"", pages)


def prepared(mime: str, data: bytes) -> tuple[str, bytes]:
    """A file made ready alone (its kind and bytes): what is hostile ends no other's work.

    Raises Unusable.
    """
    sheet = Sheet(mime, data=data)
    if sheet.photographed:
        return "image/jpeg", upright(data)
    if mime == "application/pdf":
        return mime, clean(data)
    raise Unusable("kind")


def title(pdf: Pdf, words: str) -> None:
    """What a viewer shows above the pages, and that it opens with the bookmarks."""
    pdf.docinfo["/Title"] = words
    pdf.Root.PageMode = pikepdf.Name.UseOutlines
    pdf.Root.Lang = pikepdf.String("en")
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _leaf(sheet: Sheet) -> tuple[bytes, int]:
    try:
        kind, data = prepared(sheet.mime, sheet.data)
    except Unusable:
        return b"", 0
    if kind == "image/jpeg":
        return data, 1
    with opened(data) as pdf:
        return data, len(pdf.pages)


def _copied(pdf: Pdf, fonts: Fonts, data: bytes, sheet: Sheet) -> None:
    with opened(data) as source:
        first = len(pdf.pages)
        pdf.pages.extend(source.pages)
    add_words(pdf, fonts, first, data, sheet.text.pages)


def _bookmarks(pdf: Pdf, sheets: Sequence[Sheet], pages: Sequence[int], label: str) -> None:
    with pdf.open_outline() as outline:
        for place, name in enumerate(_names(sheets, pages, label)):
            outline.root.append(OutlineItem(name, place))


def _names(sheets: Sequence[Sheet], pages: Sequence[int], label: str) -> Iterator[str]:
    place = 0
    for sheet, count in zip(sheets, pages, strict=True):
        for _ in range(count):
            place += 1
            dated = f", {day(sheet.dated)}" if sheet.dated else ""
            yield f"{label}{dated}, page {place}"
