"""Another language than the chat's: offered once, never forced."""

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.data import OWN_NAMES
from flows.effects import Option, Say, Voice
from flows.messages import Message
from flows.say import line
from flows.steps import steps
from nlu import KNOWN, language_of, romanised

# Hindi in Latin letters may be Urdu or Punjabi.
ALIKE = ({"hi", "ur"}, {"hi", "pa"})
FEWEST_WORDS, MANY_WORDS, SURE = 2, 5, 8.0
# What is longer was often copied from a paper, whose language is not the writer's.
LONGEST = 300


def likelier(before: Conversation, message: Message) -> str:
    """The language of a message, where it is surely not the chat's."""
    step, text = steps().get(before.step), message.text
    names = step is not None and step.kind in ("name", "place")
    fit = len(text) <= LONGEST and len(text.split()) >= FEWEST_WORDS
    if not (before.language and fit) or message.choice or names:
        return ""
    code = language_of(text) or romanised(text, MANY_WORDS, SURE)
    if not code or code == before.language or _alike(text, before.language, code):
        return ""
    return code


def _alike(text: str, language: str, code: str) -> bool:
    """Whether a text tells the two not apart: one script for both, or Latin letters."""
    if language_of(text) == code:
        return KNOWN[language]["script"] == KNOWN[code]["script"]
    return {code, language} in ALIKE


def offer(after: Conversation, code: str) -> tuple[Conversation, list[Say]]:
    """The offer, in that language, once for each."""
    if not code or code in after.tongues:
        return after, []
    said = Say(
        (line("language.offer"),),
        (Option(f"!language:{code}", literal=OWN_NAMES[code]),),
        voice=Voice(code),
    )
    return replace(after, tongues=(*after.tongues, code)), [said]
