"""The plain words of an opinion's Composition, for the chat."""

from html.parser import HTMLParser
from typing import Any

BLOCKS = ("p", "div", "li", "br", "tr", "h1", "h2", "h3")
SUMMARY = "Summary for the family"


def summary_of(composition: dict[str, Any]) -> str:
    """The section written for the family; without one, every section under its title."""
    sections = composition.get("section") or []
    for section in sections:
        if section.get("title") == SUMMARY:
            return _text(section)
    told = [(str(one.get("title", "")), _text(one)) for one in sections]
    return "\n\n".join(f"{title}\n{text}" for title, text in told if text)


def _text(section: dict[str, Any]) -> str:
    reader = _Words()
    reader.feed(str((section.get("text") or {}).get("div", "")))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
