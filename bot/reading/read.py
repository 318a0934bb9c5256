"""Reads all pages of one file; plain and slow, made to run in a process of its own."""

from bot.reading.engine import Engine
from bot.reading.pages import pages_of
from nlu.report.page import PageText, Text


def read(data: bytes, mime: str, engine: Engine | None) -> Text:
    """What is printed on the pages of a file: nothing of one that cannot be opened.

    Without an engine only the text that a PDF carries is taken. About two seconds a picture.
    Raises `NotRead` where a service did not answer.
    """
    pages: list[PageText] = []
    for page in pages_of(data, mime):
        if isinstance(page, PageText):
            pages.append(page)
        else:
            pages.append(engine.read(page) if engine else PageText())
    return Text(tuple(pages))
