"""A linear intent classifier for short chat messages in many scripts.

Features, all shared between scripts: words in rough Latin letters, characters 2 to 4 at a time and
whole, alone and in pairs; and their consonant skeletons; tf-idf; logistic regression. Text that training never saw
counts in the norm, so that its probabilities stay flat and Rasa's FallbackClassifier can tell.
The model is kept as JSON and npz: nothing is unpickled.
"""

import json
import math
from collections import Counter
from typing import Any, Dict, Iterator, List, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from indic_tokenizer import normalise
from latin import latin
from skeleton import skeleton

Counts = Tuple[Counter, ...]


def _weight(count: int) -> float:
    return 1 + math.log(count)


def _characters(words: List[str], shortest: int, longest: int) -> Iterator[str]:
    for padded in (f" {word} " for word in words):
        for size in range(shortest, longest + 1):
            for start in range(max(1, len(padded) - size + 1)):
                yield "c" + padded[start : start + size]


def _with_pairs(kind: str, words: List[str]) -> Iterator[str]:
    yield from (kind + word for word in words)
    yield from (f"{kind}{first} {second}" for first, second in zip(words, words[1:]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IndicIntentClassifier(IntentClassifier, GraphComponent):
    """Which of our intents a message has, with an honest confidence."""

    @classmethod
    def required_components(cls) -> List:
        """It reads words."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        """What training needs."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Found best on our data; see docs/adr."""
        return {"min_ngram": 2, "max_ngram": 4, "C": 10.0, "ranking_length": 5}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage, self._resource = storage, resource
        self.index: Dict[str, int] = {}
        self.labels: List[str] = []
        self.idf, self.bias, self.coef = np.zeros(0), np.zeros(0), np.zeros((0, 0))
        self._rarest = 0.0

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IndicIntentClassifier":
        """Made by Rasa's graph, untrained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IndicIntentClassifier":
        """Made by Rasa's graph, trained."""
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
            weights = np.load(folder / "weights.npz", allow_pickle=False)
            loaded.labels = words["labels"]
            loaded._learn_words(words["features"], weights["idf"])
            loaded.coef, loaded.bias = weights["coef"], weights["bias"]
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep what was learnt."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        examples = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        if not examples:
            return self._resource
        counts = [self._counts(message) for message in examples]
        seen = Counter(feature for pair in counts for family in pair for feature in family)
        features = sorted(seen)
        rarity = [math.log((1 + len(examples)) / (1 + seen[f])) + 1 for f in features]
        self._learn_words(features, np.array(rarity))
        rows = [self._vector(pair) for pair in counts]
        values = [value for row in rows for value in row.values()]
        columns = [column for row in rows for column in row]
        ends = np.cumsum([0] + [len(row) for row in rows])
        matrix = csr_matrix((values, columns, ends), shape=(len(rows), len(features)))
        model = LogisticRegression(
            C=self.config["C"], solver="liblinear", class_weight="balanced", random_state=7
        ).fit(matrix, [message.get(INTENT) for message in examples])
        self.coef, self.bias = model.coef_.T.astype("f4"), model.intercept_
        self.labels = list(model.classes_)
        self._keep()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Put the intent and its rivals on each message."""
        for message in messages if self.labels else []:
            chances = self._chances(self._vector(self._counts(message)))
            best = np.argsort(-chances)[: self.config["ranking_length"]]
            ranking = [{"name": self.labels[i], "confidence": float(chances[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _keep(self) -> None:
        words = {"features": list(self.index), "labels": self.labels}
        with self._storage.write_to(self._resource) as folder:
            text = json.dumps(words, ensure_ascii=False)
            (folder / "vocabulary.json").write_text(text, encoding="utf-8")
            np.savez_compressed(
                folder / "weights.npz", idf=self.idf, coef=self.coef, bias=self.bias
            )

    def _learn_words(self, features: List[str], idf: np.ndarray) -> None:
        self.index = {feature: i for i, feature in enumerate(features)}
        self.idf, self._rarest = idf, float(idf.max() ** 2)

    def _counts(self, message: Message) -> Counts:
        words = [normalise(token.text) for token in message.get("text_tokens") or []]
        # Ages, dates and phone numbers say nothing about an intent.
        words = [word for word in words if any(char.isalpha() for char in word)]
        shortest, longest = self.config["min_ngram"], self.config["max_ngram"]
        typed, bare = [latin(word) for word in words], [skeleton(word) for word in words]
        return (
            Counter(_characters(typed, shortest, longest)),
            Counter(_with_pairs("w", typed)),
            Counter(_with_pairs("s", bare)),
        )

    def _vector(self, counts: Counts) -> Dict[int, float]:
        vector: Dict[int, float] = {}
        for family in counts:
            known = {self.index[f]: n for f, n in family.items() if f in self.index}
            values = {i: _weight(n) * self.idf[i] for i, n in known.items()}
            unseen = sum(_weight(n) ** 2 for f, n in family.items() if f not in self.index)
            norm = math.sqrt(sum(v * v for v in values.values()) + unseen * self._rarest)
            vector.update({i: value / norm for i, value in values.items()})
        return vector

    def _chances(self, vector: Dict[int, float]) -> np.ndarray:
        scores = self.bias.copy()
        if vector:
            scores = scores + np.fromiter(vector.values(), float) @ self.coef[list(vector)]
        # Each intent against all others, as liblinear weighs them.
        chances = 1 / (1 + np.exp(-scores))
        return chances / chances.sum()
