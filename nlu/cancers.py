"""Reads where a cancer started; two different places, a guess or 'cancer' alone are unclear."""

from functools import cache

from nlu.clauses import clauses, undenied
from nlu.data import entries, load, section, spoken
from nlu.index import Hit, everywhere, phrases, stems
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, normalise
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
Parts = list[tuple[list[Hit], str]]
# A rare place in so many words may be no place at all: glasses are not the eye.
_WORDY = 4


@cache
def _ambiguous() -> frozenset[str]:
    """Phrases that name two places: asked about, never decided."""
    return frozenset(normalise(entry["text"]) for entry in load("lexicon.yml")["ambiguous"])


@cache
def _speller(lang: str) -> Speller:
    named = (w for per in section("cancers").values() for ws in per.values() for w in ws)
    words = {word for phrase in named for word in phrase.split() if word.isascii()}
    # 'Kindly' is no kidney, and urine no uterus.
    other = (phrase for name in ("polite", "advice", "alarms") for phrase, _ in entries(name, lang))
    known = (word for phrase in other for word in phrase.split())
    return Speller((word for word in words if len(word) > 5), known)


def places(words: str, lang: str) -> list[Hit]:
    """The places named, longest first, each once."""
    hits = stems("cancers", lang).longest(words)
    return [hit for hit in hits if hit.phrase not in _ambiguous()]


def site(text: str, lang: str) -> str:
    """The lexicon's id (also the checklist's, except `blood`) of the one place named."""
    words = normalise(text)
    keys = {hit.key for hit in stems("doc_words", lang).longest(words)}
    found = _origin(clauses(text), lang)
    if not found and words.isascii() and not places(words, lang):
        mended = [_speller(lang).mend(clause) for clause in clauses(text)]
        found = _origin(mended, lang)
    # 'pet scan' is no stomach.
    return "" if "pet" in keys and found == "stomach" else found


def _origin(said: list[str], lang: str) -> str:
    """The one place that the parts of a message name as the beginning."""
    if any(_doubted(clause) for clause in said):
        return ""
    parts = [part for clause in said for part in _times(clause, lang)]
    named = [(undenied(part, places(part, lang), lang), part) for part in parts]
    keys = _begun(named) or _before(named) or _source(named)
    return keys.pop() if len(keys) == 1 else ""


def _doubted(words: str) -> bool:
    """'Lung or stomach', a phrase that names two places."""
    endings = tuple(spoken("either_ending", "ending"))
    either = sum(word.endswith(endings) for word in words.split()) > 1
    ambiguous = any(phrase in words for phrase in _ambiguous() if " " in phrase)
    return either or ambiguous or bool(_marks(words, "doubt"))


def _marks(words: str, kind: str) -> list[Hit]:
    """Where words of a kind stand: doubt, spread, begun, then."""
    return [hit for hit in everywhere("cancer_doubt").hits(words) if hit.key == kind]


def _times(clause: str, lang: str) -> list[str]:
    """What was, and what came then: 'began in the lung, now in the bones'."""
    later = [hit for hit in _marks(clause, "then") if hit.start]
    several = _marks(clause, "spread") or len(places(clause, lang)) > 1
    return [clause[: later[0].start], clause[later[0].start :]] if later and several else [clause]


def _begun(named: Parts) -> set[str]:
    """The places that are told as the beginning."""
    return {
        hit.key
        for hits, part in named
        for mark in _marks(part, "begun")
        for hit in _beside(mark, hits)
    }


def _beside(mark: Hit, hits: list[Hit]) -> list[Hit]:
    """The place that a word of beginning speaks of: after it in English, before it in India."""
    if mark.phrase in section("cancer_doubt")["begun"]["en"]:
        return [hit for hit in hits if hit.start >= mark.end][:1]
    return [hit for hit in hits if hit.end <= mark.start][-1:]


def _before(named: Parts) -> set[str]:
    """The places that are neither spread to nor told as what came then."""
    plain = [(hits, part) for hits, part in named if hits and not _marks(part, "spread")]
    first = [hits for hits, part in plain if not _marks(part, "then")]
    return {hit.key for hits in first or [hits for hits, _ in plain] for hit in hits}


def _source(named: Parts) -> set[str]:
    """Where it only spread: the places before the word; 'spread from the breast' is unclear."""
    found: set[str] = set()
    for hits, part in named:
        spread = _marks(part, "spread")
        if spread and any(hit.end > spread[0].start for hit in hits):
            return set()
        found |= {hit.key for hit in hits}
    return found


def cancer_type(text: str, lang: str) -> Meaning:
    """One id of the vocabulary."""
    if asked(text):
        return Unclear()
    if found := site(text, lang):
        weak = len(text.split()) > _WORDY and found == "elsewhere"
        return Answer(_SAID.get(found, found), "cancer_type", weak)
    words = normalise(text)
    if decided(text, lang, strict=False) == "unknown" or _unsure(words, lang):
        return Answer("unsure", "cancer_type")
    if _says_unsure(words, lang) and not places(words, lang):
        return Answer("unsure", "cancer_type", weak=True)
    if phrases(lang, "cancer_other").exactly(words):
        return Answer("other", "cancer_type")
    return Unclear()


def _says_unsure(words: str, lang: str) -> bool:
    """'They have not found where it began', in a sentence."""
    return any(" " in hit.phrase for hit in stems("cancer_unsure", lang).hits(words))


def _unsure(words: str, lang: str) -> bool:
    return bool(phrases(lang, "cancer_unsure").exactly(words))
