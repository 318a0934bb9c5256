"""Splits chat text in Indic, Arabic and Latin script into normalised words.

Unlike Rasa's WhitespaceTokenizer a word's text is normalised (NFC, no joiners or harakat, ASCII
digits) while its place in the original is kept, and an apostrophe inside a word (ক'ত) stays.
"""

import unicodedata
from typing import Any, Dict, List, Text

import regex
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

WORD = regex.compile(r"[\w@#&]+(?:['’./:_-][\w@#&]+)*")
DROPPED = regex.compile(r"[\u200b-\u200f\u0640\u064b-\u0652\u0670\ufeff]")


def normalise(text: str) -> str:
    """The same word however it was typed."""
    text = DROPPED.sub("", unicodedata.normalize("NFC", text)).casefold()
    return "".join(_digit(char) for char in text)


def _digit(char: str) -> str:
    if char.isascii() or not char.isdigit():
        return char
    return str(unicodedata.digit(char))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class IndicTokenizer(Tokenizer):
    """A tokenizer for the scripts of our 13 languages."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """What Rasa's base class wants to find."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IndicTokenizer":
        """Made by Rasa's graph."""
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """The words of a message, or the whole of it where there are none (emoji)."""
        text = message.get(attribute)
        found = [(normalise(match.group()), match) for match in WORD.finditer(text)]
        words = [Token(word, match.start(), match.end()) for word, match in found if word]
        return words or [Token(text, 0, len(text))]
