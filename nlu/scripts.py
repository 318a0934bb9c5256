"""Which of the thirteen languages a text is written in, as far as its script tells."""

_BLOCKS = (
    (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"), (0x0600, 0x06FF, "ur"), (0xFB50, 0xFDFF, "ur"),
)  # fmt: skip
_MARATHI_WORDS = frozenset(
    "आहे आहेत नाही होय मला माझा माझी माझे माझ्या आणि तुम्ही आम्ही काय कधी कुठे कसे हवे हवी पाहिजे "
    "झाले झाला झाली करा सांगा आई वडील वर्षे वर्षांची नको म्हणजे त्यांना त्यांचे आता मी".split()
)
_MARATHI_LETTERS = "ळऱॲऑ"


def language_of(text: str) -> str:
    """A language code, or nothing for Latin letters, digits and signs."""
    counts: dict[str, int] = {}
    for char in text:
        code = _block(ord(char))
        if code:
            counts[code] = counts.get(code, 0) + 1
    if not counts:
        return ""
    code = max(counts, key=lambda key: counts[key])
    return _closer(code, text)


def _block(point: int) -> str:
    return next((code for start, end, code in _BLOCKS if start <= point <= end), "")


def _closer(code: str, text: str) -> str:
    """Tell Marathi from Hindi and Assamese from Bengali."""
    if code == "bn":
        return "as" if "ৰ" in text or "ৱ" in text else "bn"
    if code == "hi":
        words = set(text.replace("।", " ").replace(",", " ").split())
        # नाही and मी are Marathi only; a single ळ settles it too.
        marathi = any(letter in text for letter in _MARATHI_LETTERS) or words & _MARATHI_WORDS
        return "mr" if marathi else "hi"
    return code
