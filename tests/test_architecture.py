"""The documents name files; the files are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMED = re.compile(r"`((?:bot|nlu|flows|storage|locales|tests|docs|tools)/[\w./*-]+)`")
LINKED = re.compile(r"\]\((?!https?:|#)([^)#]+)\)")


def photo_story() -> list[str]:
    """The five files of the table under `A photo's story`."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("## A photo's story")[1].split("\n(")[0]
    return re.findall(r"\| `([^`]+)` \|", section)


def test_a_photos_story_is_in_five_files() -> None:
    files = photo_story()
    assert len(files) == 5
    assert [file for file in files if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = [name for name in NAMED.findall(text) if "<" not in name and not found(name)]
    missing += [link for link in LINKED.findall(text) if not (document.parent / link).exists()]
    assert missing == []


def found(name: str) -> bool:
    return (ROOT / name).exists() or any(ROOT.glob(name))
