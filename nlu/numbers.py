"""Number words in every language, as values."""

from functools import cache

from nlu.data import LANGUAGES, entries, load, section, spoken
from nlu.normalise import normalise
from nlu.scores import scores

Table = dict[str, int]
# Signs that give way to an ending: the silent vowel, a short u.
_JOINTS = ("", "\u0d4d", "\u0c4d", "\u0ccd", "\u0c41", "\u0cc1", "\u0bc1")
_SHORTEST_GLUED, _LONGEST_ENDING = 3, 6


def _listed(entry: object) -> list[str]:
    if isinstance(entry, dict):
        entry = entry["w"]
    if isinstance(entry, str):
        return entry.split("|") if "|" in entry else entry.split()
    return [str(word) for word in entry] if isinstance(entry, list) else []


@cache
def own(language: str) -> Table:
    """One language's words, as far as its lists go."""
    lexicon, more = load("lexicon.yml"), load("numbers.yml")
    table: Table = {}
    for value, word in enumerate(_listed(lexicon["numbers"].get(language, []))):
        table.setdefault(normalise(word), value)
    for start, words in more.get("runs", {}).get(language, {}).items():
        for value, forms in enumerate(_listed(words), int(start)):
            for form in forms.split("/"):
                table.setdefault(normalise(form), value)
    for source in (lexicon.get("numbers_also", {}), more.get("also", {})):
        table |= {normalise(str(word)): int(n) for word, n in source.get(language, {}).items()}
    table |= {
        word: int(n) for n, per in section("numbers").items() for word in per.get(language, ())
    }
    return table | _composed(language, table)


def _composed(language: str, table: Table) -> Table:
    """Tens joined with units, where a language writes them as one or two words."""
    rule = load("numbers.yml").get("compose", {}).get(language)
    if not rule:
        return {}
    made: Table = {}
    for ten, stems in rule["tens"].items():
        for stem in stems.split():
            for unit, endings in enumerate(rule["units"].split("|"), 1):
                for ending in endings.split():
                    made[normalise(stem + ending.replace("_", " "))] = int(ten) + unit
    return {word: value for word, value in made.items() if word not in table}


@cache
def table(lang: str) -> Table:
    """Words for a chat in one language; other languages only where nothing disagrees."""
    firm: Table = {}
    for language in (lang, f"rom_{lang}", "en", "hi", "rom_hi"):
        firm = own(language) | firm
    votes: dict[str, set[int]] = {}
    for code in LANGUAGES:
        for language in (code, f"rom_{code}"):
            for word, value in own(language).items():
                votes.setdefault(word, set()).add(value)
    firm = {word: value for word, value in firm.items() if word not in _never(lang)}
    sure = {w: v.pop() for w, v in votes.items() if len(v) == 1 and (len(w) > 3 or not w.isascii())}
    return sure | firm


@cache
def _never(lang: str) -> frozenset[str]:
    """Numbers of Hindi that are other words here: 'we do not', Gujarati 'che' for is."""
    if lang in ("hi", "ur"):
        return frozenset()
    beside = {w for w, _ in entries("polite", lang) if len(w) <= 4 and w.isascii()}
    return frozenset({"do", *beside} - set(own(lang)) - set(own(f"rom_{lang}")))


@cache
def _longest(lang: str) -> int:
    return max(word.count(" ") + 1 for word in table(lang))


def read(words: list[str], lang: str) -> list[tuple[int | str, str]]:
    """(value, as said) for numbers, (word, word) for the rest."""
    known, out, at = table(lang), list[tuple[int | str, str]](), 0
    while at < len(words):
        for size in range(min(_longest(lang), len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + size])
            value = int(phrase) if phrase.isdecimal() and len(phrase) < 5 else known.get(phrase)
            if value is None and size == 1:
                value = _without_ending(phrase, known)
            if value is not None:
                out.append((value, phrase))
                at += size
                break
        else:
            out.append((words[at], words[at]))
            at += 1
    return _english_tens(scores(out, known))


def _without_ending(word: str, known: Table) -> int | None:
    """A number with a case ending glued to it, as scripts of India write it."""
    for size in range(1, _LONGEST_ENDING + 1 if not word.isascii() else 1):
        if word[-size:] in spoken("endings", "case") and len(word) - size >= _SHORTEST_GLUED:
            for joint in _JOINTS:
                if (stem := word[:-size] + joint) in known:
                    return known[stem]
    return None


def _english_tens(tokens: list[tuple[int | str, str]]) -> list[tuple[int | str, str]]:
    """Forty five and nalabhai aidu: a ten and a unit side by side, both in words."""
    out: list[tuple[int | str, str]] = []
    for value, said in tokens:
        before, was = out[-1] if out else ("", "")
        in_words = not (was.isdecimal() or said.isdecimal() or " " in was)
        ten = before if isinstance(before, int) and before in range(20, 100, 10) else 0
        if ten and in_words and isinstance(value, int) and 0 < value < 10:
            out[-1] = (ten + value, f"{was} {said}")
            continue
        out.append((value, said))
    return out
