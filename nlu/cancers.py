"""Reads where a cancer started; two different places, a guess or 'cancer' alone are unclear."""

from functools import cache

from nlu.data import load, section
from nlu.index import Hit, Stems, phrases, stems
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import normalise
from nlu.spelling import Speller
from nlu.yesno import decided

# The lexicon's names of places, where the vocabulary has others.
_SAID = {
    "oral": "mouth", "throat": "larynx_throat", "blood": "leukaemia",
    "bone_sarcoma": "bone_soft_tissue", "testis": "other", "elsewhere": "other",
}  # fmt: skip
# The vocabulary's ids as the checklist knows them; `blood` is a menu page there.
CASE_TYPES = {
    "breast": "breast", "mouth": "oral", "cervix": "cervix", "lung": "lung",
    "oesophagus": "oesophagus", "stomach": "stomach", "colorectal": "colorectal",
    "ovary": "ovary", "prostate": "prostate", "liver": "liver", "gallbladder": "gallbladder",
    "pancreas": "pancreas", "kidney": "kidney", "bladder": "bladder", "thyroid": "thyroid",
    "brain": "brain", "leukaemia": "blood", "lymphoma": "lymphoma", "myeloma": "myeloma",
    "larynx_throat": "throat", "uterus": "uterus", "bone_soft_tissue": "bone_sarcoma",
    "skin": "skin", "other": "other", "unsure": "not_sure",
}  # fmt: skip
_MARKS = "?؟？"


@cache
def _ambiguous() -> frozenset[str]:
    """Phrases that name two places: asked about, never decided."""
    return frozenset(normalise(entry["text"]) for entry in load("lexicon.yml")["ambiguous"])


@cache
def _doubts() -> Stems:
    return Stems(
        (word, key)
        for key, languages in section("cancer_doubt").items()
        for words in languages.values()
        for word in words
    )


@cache
def _speller(lang: str) -> Speller:
    named = (w for per in section("cancers").values() for ws in per.values() for w in ws)
    words = {word for phrase in named for word in phrase.split() if word.isascii()}
    return Speller(word for word in words if len(word) > 5)


def places(words: str, lang: str) -> list[Hit]:
    """The places named, longest first, each once."""
    hits = stems("cancers", lang).longest(words)
    return [hit for hit in hits if hit.phrase not in _ambiguous()]


def site(text: str, lang: str) -> str:
    """The lexicon's id (also the checklist's, except `blood`) of the one place named."""
    words = normalise(text)
    keys = {hit.key for hit in stems("doc_words", lang).longest(words)}
    found = _origin(words, lang)
    if not found and words.isascii() and (mended := _speller(lang).mend(words)) != words:
        found = _origin(mended, lang)
    # 'pet scan' is no stomach.
    return "" if "pet" in keys and found == "stomach" else found


def _origin(words: str, lang: str) -> str:
    doubt = {hit.key: hit for hit in _doubts().hits(words)}
    if "doubt" in doubt or any(phrase in words for phrase in _ambiguous() if " " in phrase):
        return ""
    hits = sorted(places(words, lang))
    if spread := doubt.get("spread"):
        hits = [hit for hit in hits if hit.start < spread.start]
        if "from" in doubt or len({hit.key for hit in hits}) != 1:
            return ""
    keys = {hit.key for hit in hits}
    return keys.pop() if len(keys) == 1 else ""


def cancer_type(text: str, lang: str) -> Meaning:
    """One id of the vocabulary."""
    if any(mark in text for mark in _MARKS):
        return Unclear()
    if found := site(text, lang):
        return Answer(_SAID.get(found, found), "cancer_type")
    words = normalise(text)
    if decided(text, lang, strict=False) == "unknown" or _unsure(words, lang):
        return Answer("unsure", "cancer_type")
    if phrases(lang, "cancer_other").exactly(words):
        return Answer("other", "cancer_type")
    return Unclear()


def _unsure(words: str, lang: str) -> bool:
    return bool(phrases(lang, "cancer_unsure").exactly(words))
