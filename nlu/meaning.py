"""What one text means, and the pending question it was written for."""

from typing import Any

from msgspec import Struct


class Command(Struct, frozen=True, tag="command"):
    """A request that stands above every question, such as `human` or `stop`.

    `detail` names more where there is more: a language code for `language`, the id
    of the red flag for `emergency` and `crisis`.
    """

    name: str
    detail: str = ""


class Answer(Struct, frozen=True, tag="answer"):
    """An answer to the pending question; `kind` names the reader that gave it.

    Values as in `docs/understanding.md`: an id, whole years, `YYYY-MM`, E.164, a list
    of ids for `choices`, plain words for `name`, `city` and `free_text`. `weak`: words
    stood beside it that no list knows; it gives way to a command the model is sure of.
    """

    value: Any
    kind: str = ""
    weak: bool = False


class Guess(Struct, frozen=True, tag="guess"):
    """What a model thinks was answered: it counts once the person says that it is right."""

    answer: Answer


class Unclear(Struct, frozen=True, tag="unclear"):
    """Nothing safe can be said: ask again, never guess."""


Meaning = Command | Answer | Guess | Unclear


class Context(Struct, frozen=True):
    """The pending question as a reader must know it.

    `kind`: none yesno consent choice choices name city age date phone cancer_type
    documents free_text. `ids` are the rows in the order shown, `labels` their words.
    """

    kind: str = "none"
    ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
