"""What an answer says beside itself: '54, female, from Pune' answers three questions."""

from datetime import datetime

from msgspec.structs import replace

from flows import opening
from flows.conversation import Conversation
from flows.messages import Message
from flows.outcome import Outcome
from flows.steps import steps
from flows.walk import consented, go_on

# Answers that people give in one breath; a story told in free text is a story.
TOGETHER = {"age", "choice", "place", "case_type", "date"}
FEWEST_WORDS = 3


def told_too(before: Conversation, outcome: Outcome, message: Message, now: datetime) -> Outcome:
    """The outcome of an answer, with what else it said offered for one yes."""
    after, step = outcome.conversation, steps().get(before.step)
    asked = step is not None and step.section in ("patient", "illness") and step.kind in TOGETHER
    moved = after.step != before.step and bool(after.cases) and consented(after.case)
    if not (asked and moved) or len(message.text.split()) < FEWEST_WORDS:
        return outcome
    found = opening.told_in(message.text, after, now.date())
    if not found:
        return outcome
    offering = go_on(replace(after, offered={**after.offered, **found}), now.date())
    return replace(outcome, conversation=offering)
