"""Indian cities and districts by their spellings, and the states that they lie in."""

from functools import cache

from nlu.components.latin import latin
from nlu.data import HERE, load
from nlu.index import GIVES_WAY, Stems
from nlu.normalise import normalise

# A shorter town may begin an ordinary word.
_SHORTEST_SOUND = 5


@cache
def _cities() -> dict[str, tuple[str, str]]:
    """Normalised spelling to the English name and the state."""
    found: dict[str, tuple[str, str]] = {}
    for state, names in load("cities.yml")["cities"].items():
        for entry in names:
            spellings = [part.strip() for part in str(entry).split("|")]
            for spelling in spellings:
                found[normalise(spelling)] = (spellings[0], state)
    return _towns() | found


def _towns() -> dict[str, tuple[str, str]]:
    """Towns of 15,000 people or more, from GeoNames (CC BY 4.0): docs/recipes/make_towns.py."""
    found: dict[str, tuple[str, str]] = {}
    for line in (HERE / "towns.tsv").read_text(encoding="utf-8").splitlines():
        state, name, *spellings = line.split("\t")
        for spelling in spellings:
            found.setdefault(normalise(spelling), (name, state))
    return found


@cache
def _states() -> dict[str, str]:
    listed = load("cities.yml")["states"]
    return {normalise(word): state for state, words in listed.items() for word in (state, *words)}


@cache
def _finder() -> Stems:
    return Stems((word, word) for word in _cities())


@cache
def _state_finder() -> Stems:
    return Stems((word, state) for word, state in _states().items())


def city_of(text: str) -> str:
    """The English name of the one city named in a text, or nothing."""
    found = {_cities()[_listed(hit.key)][0] for hit in _finder().longest(normalise(text))}
    return found.pop() if len(found) == 1 else ""


def town_in(text: str) -> str:
    """The one known town of a text, as it is written but without a case ending, or nothing."""
    words = text.split()
    found = [(word, hit) for word in words for hit in _finder().longest(normalise(word))]
    if not found:
        heard = [town for word in words if (town := _by_sound(word))]
        return heard[0] if len(heard) == 1 else ""
    word, hit = found[0]
    return _cut(word, _listed(hit.phrase)) if len(found) == 1 and city_of(text) else ""


def _listed(stem: str) -> str:
    """The spelling of a town as it is listed: its stem may have lost a silent last sign."""
    return next((stem + sign for sign in ("", *GIVES_WAY) if stem + sign in _cities()), stem)


@cache
def _sounds() -> dict[str, tuple[str, ...]]:
    """Towns in rough Latin letters by their first three, the longest first."""
    named = {_sound(name) for name, _ in _cities().values()}
    heads: dict[str, list[str]] = {}
    for sound in sorted(named, key=len, reverse=True):
        if len(sound) >= _SHORTEST_SOUND and sound.isalpha():
            heads.setdefault(sound[:3], []).append(sound)
    return {head: tuple(found) for head, found in heads.items()}


def _sound(word: str) -> str:
    """Rough Latin letters without the `a` that is written or not; Bengali's first y is a j."""
    return latin(normalise(word.replace("য", "জ"))).replace("a", "")


def _by_sound(word: str) -> str:
    """A town that no list has in this script, by its sound: ಚಿತ್ರದುರ್ಗದಲ್ಲಿ begins as Chitradurga."""
    if word.isascii():
        return ""
    heard = _sound(word)
    known = next((s for s in _sounds().get(heard[:3], ()) if heard.startswith(s)), "")
    beginnings = (word[:size] for size in range(1, len(word) + 1))
    same = [part for part in beginnings if known and _sound(part) == known]
    return same[-1].strip(" .,।!?-") if same else ""


def _cut(word: str, known: str) -> str:
    """The shortest beginning of a word that reads as the known spelling."""
    beginnings = (word[:size] for size in range(1, len(word) + 1))
    same = [part for part in beginnings if normalise(part) == known]
    if not same and known[-1:] in GIVES_WAY:
        return known
    # Of `वर्धा` and `वर्धाा` with a look-alike sign the longest that still reads the same.
    return same[-1].strip(" .,।!?-") if same else ""


def state_of(text: str) -> str:
    """The state that a text names, or in which its city lies."""
    words = normalise(text)
    named = {hit.key for hit in _state_finder().longest(words)}
    if len(named) == 1:
        return named.pop()
    lies = {_cities()[_listed(hit.key)][1] for hit in _finder().longest(words)}
    return lies.pop() if len(lies) == 1 and not named else ""


def place(text: str) -> dict[str, str]:
    """The text as it is, with the city and state it names (empty where unknown)."""
    return {"text": text.strip(), "city": city_of(text), "state": state_of(text)}
