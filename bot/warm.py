"""Words are read while the servers start, so that no first message waits for them."""

from bot.wording import catalog
from flows.data import LANGUAGES
from nlu import prepare, romanised


def warm() -> None:
    """Read what is said and understood in every language; some two seconds of work."""
    romanised("which language is this")
    for language in LANGUAGES:
        catalog(language)
        prepare(language)
