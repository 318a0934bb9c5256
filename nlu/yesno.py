"""Reads yes and no; never guesses, and for consent needs every word to agree."""

from nlu.clauses import clauses, denies, ends_in_denial, sets_condition
from nlu.index import everywhere, phrases, stems
from nlu.meaning import Answer, Meaning, Unclear
from nlu.normalise import asked, normalise

_MOST_EXTRA, _FEW_EXTRA, _LONGEST_DENIAL = 6, 3, 8
_OPEN = {"unknown", "hedge", "no", "word"}
_Piece = tuple[str, int]
# To 'was it done?' these say yes or no; to a consent they say nothing.
_HAPPENED = {"happened": "yes", "done": "yes", "happened_not": "no"}


def decided(text: str, lang: str, strict: bool) -> str:
    """yes, no, unknown (said not to know) or nothing."""
    words = normalise(text)
    if not words or asked(text):
        return _thumb(text) if not words and not strict else ""
    if exact := _whole(words, lang, strict):
        return exact
    verdict = _weighed(_pieces(text, lang, strict), words, lang, strict)
    return verdict or _led(clauses(text), lang, strict)


def _led(said: list[str], lang: str, strict: bool) -> str:
    """'No no, I shall not show them', 'yes sir, it was done last week': the first part decides."""
    lead = _cover_of(said[0], lang, strict) if len(said) > 1 else ""
    denied = any(denies(part, lang) or ends_in_denial(part) for part in said[1:])
    if lead == "no" and denied:
        return "no"
    doubt = any(key in _OPEN for part in said[1:] for key, _ in _covered(part, lang, strict))
    return "yes" if lead == "yes" and not (strict or denied or doubt) else ""


def _cover_of(words: str, lang: str, strict: bool) -> str:
    """What a part comes to, where every word of it is known."""
    keys = {key for key, _ in _covered(words, lang, strict)} - {"filler"}
    return keys.pop() if len(keys) == 1 else ""


def _whole(words: str, lang: str, strict: bool) -> str:
    exact = _as_said(phrases(lang, "answers").exactly(words), strict)
    return exact if exact in ("yes", "no", "unknown") else ""


def _as_said(key: str, strict: bool) -> str:
    if strict:
        return "topic" if key == "happened" else key
    return _HAPPENED.get(key, key)


def _pieces(text: str, lang: str, strict: bool) -> list[_Piece]:
    return [piece for part in clauses(text) for piece in _covered(part, lang, strict)]


def _covered(words: str, lang: str, strict: bool) -> list[_Piece]:
    """The pieces of one part; 'no objection' is one piece, however it is wrapped."""
    said = words.split()
    if len(said) <= _LONGEST_DENIAL and _no_objection(words, lang):
        return [("yes", len(said))]
    beside = ("consent_words",) if strict else ()
    found = phrases(lang, "answers", "polite", *beside, "questions", "hedges").cover(said)
    return [(_as_said(key, strict), count) for key, count in found]


def _no_objection(words: str, lang: str) -> bool:
    """'No objection', 'what objection should we have'; never 'if he has no objection'."""
    found = list(everywhere("objections").hits(words))
    named = [hit for hit in found if hit.key == "word"]
    if not named or stems("hedges", lang).first(words) or sets_condition(words):
        return False
    beside = words[: named[0].start].split()[-1:] + words[named[0].start :].split()[1:2]
    what = tuple(hit.phrase for hit in found if hit.key == "what")
    asked_back = any(word.startswith(what) for word in beside)
    return asked_back or denies(words, lang) or ends_in_denial(words)


def _weighed(pieces: list[_Piece], words: str, lang: str, strict: bool) -> str:
    said = {key for key, _ in pieces} - {"", "filler", "topic"}
    if "unknown" in said and not said & {"word", "yes", "hedge"}:
        return "unknown"
    if said not in ({"yes"}, {"no"}):
        return ""
    verdict = said.pop()
    if strict and verdict == "yes" and _only_heard(pieces, words, lang):
        return ""
    extra = _extra(pieces, verdict)
    if extra > _most(verdict, pieces) or (extra and not _stands_out(verdict, pieces, strict)):
        return ""
    # 'Yes' beside a 'not' that no phrase explains may mean the opposite.
    return "" if extra and verdict == "yes" and denies(words, lang) else verdict


def _only_heard(pieces: list[_Piece], words: str, lang: str) -> bool:
    """'Ok, understood' says that it was read, not that it is agreed to."""
    if not any(key == "topic" for key, _ in pieces):
        return False
    said, at = words.split(), 0
    heard = phrases(lang, "heard")
    for key, count in pieces:
        if key == "yes" and not heard.exactly(" ".join(said[at : at + count])):
            return False
        at += count
    return True


def _extra(pieces: list[_Piece], verdict: str) -> int:
    """How many words stand beside a yes or no that say nothing we know."""
    # 'No report' denies a report, not the consent.
    known = ("topic",) if verdict == "yes" else ()
    return sum(count for key, count in pieces if key not in (verdict, "filler", *known))


def _most(verdict: str, pieces: list[_Piece]) -> int:
    """How many unknown words a verdict bears: few, where it is one word in the middle."""
    leads = verdict in (pieces[0][0], pieces[-1][0])
    return _MOST_EXTRA if leads or _telling(verdict, pieces) else _FEW_EXTRA


def _stands_out(verdict: str, pieces: list[_Piece], strict: bool) -> bool:
    """Whether a yes or no counts beside words that are not known: a consent never does."""
    leads = pieces[0][0] == verdict
    if strict:
        return verdict == "no" and (leads or _telling(verdict, pieces))
    return leads or verdict == "no" or _telling(verdict, pieces)


def _telling(verdict: str, pieces: list[_Piece]) -> bool:
    """A phrase of two words or more, as 'we agree' or 'got it done'."""
    return any(key == verdict and count > 1 for key, count in pieces)


def speaks_of_yes(words: str, lang: str) -> bool:
    """Whether a yes, a no, a doubt or a condition stands anywhere in a normalised text."""
    telling = {"yes", "no", "unknown", "hedge"}
    return any(key in telling for key, _ in _covered(words, lang, strict=True))


def _thumb(text: str) -> str:
    up, down = "👍" in text or "✅" in text, "👎" in text or "❌" in text
    return ("yes" if up else "no") if up != down else ""


def yesno(text: str, lang: str, strict: bool = False) -> Meaning:
    """yes or no; `strict` is for consent."""
    verdict, words = decided(text, lang, strict), normalise(text)
    kind = "consent" if strict else "yesno"
    if verdict not in ("yes", "no"):
        return Unclear()
    weak = not _whole(words, lang, strict) and bool(_extra(_pieces(text, lang, strict), verdict))
    return Answer(verdict, kind, weak)
