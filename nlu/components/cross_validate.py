"""How well unseen phrases are told apart: five folds over nlu/training, twins in one fold.

    PYTHONPATH=nlu/components .venv-nlu/bin/python nlu/components/cross_validate.py

Phrases at one place of their lists often say one thing in two scripts or languages: they stay together.
"""

from collections import defaultdict
from pathlib import Path

import yaml
from indic_intent_classifier import IndicIntentClassifier
from indic_tokenizer import IndicTokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

FOLDS, SURE = 5, 0.25
TRAINING = Path(__file__).parents[1] / "training"


def phrases():
    """(file, intent, fold, phrase) of every example."""
    for file in sorted(TRAINING.glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            for place, line in enumerate(block["examples"].splitlines()):
                yield file.stem, block["intent"], place % FOLDS, line[2:]


def message(text, intent):
    """A phrase as Rasa's components want it."""
    made = Message.build(text=text, intent=intent)
    made.set("text_tokens", IndicTokenizer(IndicTokenizer.get_default_config()).tokenize(made, "text"))
    return made


def guesses(fold, every):
    """(file, intent, what was guessed, how surely) of one fold, learnt from the others."""
    model = IndicIntentClassifier({}, None, None)
    model._keep = lambda: None
    model.train(TrainingData([message(p, i) for _, i, at, p in every if at != fold]))
    for file, intent, at, phrase in every:
        if at == fold:
            asked = message(phrase, intent)
            model.process([asked])
            best = asked.get("intent")
            yield file, intent, best["name"], best["confidence"]


def main():
    """A line for each file, and for all."""
    every = list(phrases())
    right = defaultdict(list)
    for fold in range(FOLDS):
        for file, intent, guess, sure in guesses(fold, every):
            right[file].append((guess == intent, sure >= SURE))
    right["all"] = [one for found in right.values() for one in found]
    for file, found in right.items():
        share = lambda test: sum(map(test, found)) / len(found)  # noqa: E731
        print(
            f"{file:8} {len(found):5}  right {share(lambda x: x[0]):.3f}"
            f"  right and sure {share(lambda x: x[0] and x[1]):.3f}  wrong and sure {share(lambda x: not x[0] and x[1]):.3f}"
        )


if __name__ == "__main__":
    main()
