"""Another language than the chat's: offered once, never forced."""

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.data import OWN_NAMES
from flows.effects import Option, Say, Voice
from flows.messages import Message
from flows.say import line
from flows.steps import steps
from nlu import language_of, romanised

# Hindi in Latin letters may be Urdu or Punjabi; Devanagari alone tells no Marathi.
ALIKE = ({"hi", "ur"}, {"hi", "pa"}, {"hi", "mr"}, {"bn", "as"})
FEWEST_WORDS, MANY_WORDS, SURE = 2, 5, 8.0


def likelier(before: Conversation, message: Message) -> str:
    """The language of a message, where it is surely not the chat's."""
    step, text = steps().get(before.step), message.text
    names = step is not None and step.kind in ("name", "place")
    words = len(text.split())
    if not before.language or message.choice or names or words < FEWEST_WORDS:
        return ""
    code = language_of(text) or romanised(text, MANY_WORDS, SURE)
    alike = {code, before.language} in ALIKE and not _own_script(text, before.language, code)
    return "" if alike or code == before.language else code


def _own_script(text: str, language: str, code: str) -> bool:
    """Gurmukhi and Urdu are told from Devanagari by their letters."""
    return language_of(text) == code and {language, code} in ({"hi", "ur"}, {"hi", "pa"})


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
