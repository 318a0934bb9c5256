"""Mends one slip of the finger in Latin words, against a small list of words that matter."""

from collections.abc import Iterable, Iterator


class Speller:
    """Knows the spellings one slip away from its words; ambiguous, `known` ones are left alone."""

    def __init__(self, words: Iterable[str], known: Iterable[str] = ()) -> None:
        self._words = set(words)
        self._known = frozenset(known)
        # The words behind each shorter form, one after the other: sets would fill the memory.
        self._near: dict[str, str] = {}
        for word in sorted(self._words):
            for form in set(_shorter(word)):
                before = self._near.get(form)
                self._near[form] = f"{before} {word}" if before else word

    def word(self, word: str) -> str:
        """The word meant, or the word itself."""
        if len(word) < 5 or word in self._words or not word.isascii() or word.isdigit():
            return word
        if word in self._known:
            return word
        near = set(self._near.get(word, "").split())
        for form in _shorter(word):
            near |= set(self._near.get(form, "").split()) | ({form} & self._words)
        near = {other for other in near if _slip(word, other)}
        return near.pop() if len(near) == 1 else word

    def mend(self, words: str) -> str:
        """A normalised text with its slips mended."""
        return " ".join(self.word(word) for word in words.split())


def _shorter(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _slip(one: str, other: str) -> bool:
    """One letter more, less, different or two neighbours swapped; the first letter holds."""
    if one[0] != other[0]:
        return False
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return shorter in set(_shorter(longer))
    differ = [at for at in range(len(one)) if one[at] != other[at]]
    if len(differ) == 1:
        return True
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1
    return swapped and one[differ[0]] == other[differ[1]] and one[differ[1]] == other[differ[0]]
