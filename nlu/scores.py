"""Old people count in scores: 'three score and seven', 'teen kodi saat', 'তিনিকুৰি দুই' is 62."""

from nlu.data import spoken

TWENTY, MOST = 20, 5
Read = list[tuple[int | str, str]]


def scores(tokens: Read, known: dict[str, int]) -> Read:
    """Numbers and words with each score, and what stands beside it, made one number."""
    out: Read = []
    counted = False
    for value, said in tokens:
        before, was = out[-1] if out else ("", "")
        if said in spoken("score") and isinstance(before, int) and 1 < before <= MOST:
            out[-1], counted = (before * TWENTY, f"{was} {said}"), True
        elif counted and isinstance(before, int) and isinstance(value, int) and 0 < value < TWENTY:
            out[-1], counted = (before + value, f"{was} {said}"), False
        else:
            glued = _glued(said, known)
            counted = bool(glued)
            out.append((glued or value, said))
    return out


def _glued(word: str, known: dict[str, int]) -> int:
    """Written as one word: তিনিকুৰি."""
    heads = (known.get(word.removesuffix(s), 0) for s in spoken("score") if word.endswith(s))
    return max((head * TWENTY for head in heads if 1 < head <= MOST), default=0)
