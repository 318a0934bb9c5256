"""Making bubbles: lines, taps, and one bubble a turn wherever it fits."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from flows.conversation import Conversation
from flows.effects import Effect, Key, Line, Option, Param, Say, Voice


def line(key: str, **params: Param) -> Line:
    """A paragraph by its key in the catalog."""
    return Line(key, params)


def plain(text: str) -> Line:
    """A paragraph that is a person's own words."""
    return Line("", literal=text)


def tap(name: str) -> Option:
    """A button that works at any moment: `menu`, `human`, …"""
    return Option(f"!{name}", f"button.{name}")


def say(*lines: Line | str, options: Iterable[Option] = (), **more: Any) -> Say:
    """One bubble; a bare string is the key of a line."""
    made = tuple(Line(part) if isinstance(part, str) else part for part in lines)
    return Say(made, tuple(options), **more)


def label(step: str) -> Key:
    """The short name of a question."""
    return Key(f"label.{step}")


def voice(conversation: Conversation) -> Voice:
    """How to speak to this person about this case."""
    language = conversation.language or "en"
    if not conversation.cases:
        return Voice(language)
    case = conversation.case
    to_self = case.value("writer_relation") == "self"
    known = case.value("patient_knows") == "yes"
    answered = "writer_relation" in case.answers
    return Voice(language, neutral=answered and not to_self and not known, to_self=to_self)


def spoken(
    conversation: Conversation, effects: Sequence[Effect], *, reply: bool = False
) -> list[Effect]:
    """The turn's effects with its bubbles joined, in the right voice, taps stamped."""
    joined = _join(effects)
    return [
        _finish(conversation, effect, reply) if isinstance(effect, Say) else effect
        for effect in joined
    ]


def latest(effects: Sequence[Effect]) -> list[Effect]:
    """The effects without bubbles that a later one of the same turn replaces."""
    last = {e.replaces: i for i, e in enumerate(effects) if isinstance(e, Say) and e.replaces}
    return [
        effect
        for i, effect in enumerate(effects)
        if not (isinstance(effect, Say) and effect.replaces and last[effect.replaces] != i)
    ]


def _join(effects: Sequence[Effect]) -> list[Effect]:
    out: list[Effect] = []
    last = -1
    for effect in effects:
        before = out[last] if last >= 0 else None
        if isinstance(effect, Say) and isinstance(before, Say) and _may_join(before, effect):
            out[last] = _one(before, effect)
            continue
        out.append(effect)
        if isinstance(effect, Say):
            last = len(out) - 1
    return out


def _one(first: Say, second: Say) -> Say:
    quote = first.quote or second.quote
    joined = replace(second, lines=first.lines + second.lines, quote=quote)
    return replace(joined, sheet=first.sheet, case=first.case) if first.sheet else joined


def _may_join(first: Say, second: Say) -> bool:
    plain_first = not (first.options or first.document or first.template)
    return plain_first and not (second.document or second.sheet) and first.bot == second.bot


def _finish(conversation: Conversation, effect: Say, reply: bool) -> Say:
    reply = reply and effect.bot and not effect.document
    if effect.voice != Voice():
        return replace(effect, reply=reply) if reply else effect
    options = tuple(stamp(conversation, effect.step, option) for option in effect.options)
    return replace(effect, voice=voice(conversation), options=options, reply=reply)


def stamp(conversation: Conversation, step: str, option: Option) -> Option:
    """Name the question in the tap's id, so that an old tap is known as old."""
    if option.id.startswith("!") or not step:
        return option
    return replace(option, id=f"{conversation.current}.{step}={option.id}")
