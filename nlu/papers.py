"""Reads what a person says while documents are collected: done, later or none."""

from functools import cache

from nlu.clauses import denies
from nlu.data import entries
from nlu.index import phrases, stems
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, normalise
from nlu.spelling import Speller

_LONGEST = 14
# So many words may ask for something else.
_WORDY = 7


@cache
def _speller(lang: str) -> Speller:
    spoken = {w for phrase, _ in entries("papers", lang) for w in phrase.split()}
    return Speller(w for w in spoken if w.isascii())


def documents(text: str, lang: str) -> Meaning:
    """done, later or none."""
    if asked(text):
        return Unclear()
    words = normalise(text)
    found = _said(words, lang)
    if not found and words.isascii():
        found = _said(_speller(lang).mend(words), lang)
    weak = len(words.split()) > _WORDY
    return Answer(found, "documents", weak) if found else Unclear()


def _none_at_all(words: str, lang: str) -> bool:
    """'We have not one paper': a paper, any or none, and a denial, but not yet or later."""
    papers = stems("paper_words", lang).first(words) is not None
    anything = stems("any_words", lang).first(words) is not None
    told = any(hit.key in ("later", "done") for hit in stems("papers", lang).hits(words))
    return papers and anything and not told and denies(words, lang)


def _said(words: str, lang: str) -> str:
    if exact := phrases(lang, "papers", "sent").exactly(words):
        return exact
    if _none_at_all(words, lang):
        return "none"
    pieces = phrases(lang, "papers", "sent", "polite", "paper_words").cover(words.split())
    said = {key for key, _ in pieces if key not in ("", "filler", "word")}
    if all(key for key, _ in pieces) and len(said) == 1:
        return said.pop()
    if len(words.split()) > _LONGEST:
        return ""
    # In a sentence only phrases of two words or more are trusted, the longest first.
    hits = [hit for hit in stems("papers", lang).longest(words) if " " in hit.phrase]
    keys = {hit.key for hit in hits}
    if "later" in keys:
        return "later"
    return keys.pop() if len(keys) == 1 else ""
